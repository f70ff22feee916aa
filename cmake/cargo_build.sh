#!/usr/bin/env bash
# cargo_build.sh CARGO_ENV SOURCE_DIR PROFILE OUT_DIR BIN...: builds the executables and copies them to OUT_DIR.
set -euo pipefail
cargo_env=$1 profile=$3 out_dir=$4
# The checkout itself, not a link to it in a workspace: cargo takes another path for another package.
source_dir=$(realpath "$2")
shift 4
# shellcheck source=/dev/null
. "$cargo_env"
if ! command -v cargo >/dev/null; then
    echo "shaky_steve: there is no cargo; install Rust with rustup (see its site, or your distribution's package)" >&2
    exit 1
fi
mkdir -p "$CARGO_TARGET_DIR" "$out_dir"
# Clones may share the target directory: no other build may come between cargo and the copy.
exec 9>"$CARGO_TARGET_DIR/.shaky_steve-$profile.lock"
flock 9
# A jobserver of make's, handed down, is one that cargo cannot use.
unset MAKEFLAGS MFLAGS
cargo build --manifest-path "$source_dir/Cargo.toml" --package steve_nodes --bins --profile "$profile"
[ "$profile" = dev ] && profile=debug
for bin; do
    cmp -s "$CARGO_TARGET_DIR/$profile/$bin" "$out_dir/$bin" || cp -f "$CARGO_TARGET_DIR/$profile/$bin" "$out_dir/$bin"
done
