#!/usr/bin/env bash
# build.sh [--debug] [--interfaces]: builds the package and installs it to `install/`, where env.sh finds it.
#   --debug        cargo's dev profile, as the tests use it; release otherwise
#   --interfaces   stop when cargo could be run: interfaces generated, nothing installed (scripts/cargo-ros)
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
build_type=Release name=release interfaces=
for argument; do
    case "$argument" in
        --debug) build_type=Debug name=dev ;;
        --interfaces) interfaces=1 ;;
        *) echo "build.sh: unknown option $argument" >&2; exit 2 ;;
    esac
done

# shellcheck source=scripts/apt.sh
. "$root/scripts/apt.sh"
# shellcheck disable=SC2119  # no packages beyond the usual ones
steve_apt
if ! command -v cargo >/dev/null; then
    echo "shaky_steve: there is no cargo: install Rust with rustup, as rust-lang.org tells, and open a new shell" >&2
    exit 1
fi
# shellcheck source=scripts/env.sh
. "$root/scripts/env.sh"

# Whatever a command says is shown only when it fails.
quiet() {
    if ! "$@" >"$build.log" 2>&1; then
        cat "$build.log" >&2
        return 1
    fi
}

# A CMake cache is full of paths of the ROS that it was made with: a folder for each.
ros=$(cksum <<<"${AMENT_PREFIX_PATH#"$root/install:"}")
build="$root/build/$name-${ros%% *}"
mkdir -p "$build"
# One build at a time in a checkout: they install to one place.
exec 8>"$root/build/.lock"
if ! flock --nonblock 8; then
    echo "shaky_steve: another build is running in this checkout; waiting for it" >&2
    flock 8
fi
generator=() silent=()
if command -v ninja >/dev/null; then generator=(-G Ninja) silent=(-- --quiet); fi
if [ ! -e "$build/build.ninja" ] && [ ! -e "$build/Makefile" ]; then
    echo "shaky_steve: configuring and generating the interfaces (about a minute, once)" >&2
    quiet cmake "${generator[@]}" -S "$root" -B "$build" -DCMAKE_BUILD_TYPE="$build_type" \
        -DCMAKE_INSTALL_PREFIX="$root/install" -DSTEVE_CACHE_DIR="$SHAKY_STEVE_CACHE"
fi
quiet cmake --build "$build" --target steve_stage --parallel "$(nproc)"
ln -sfn "${build##*/}" "$root/build/$name"
if [ -n "$interfaces" ]; then exit 0; fi
# cargo tells how far it is
cmake --build "$build" --target steve_executables "${silent[@]}"
quiet cmake --build "$build" --parallel "$(nproc)"
quiet cmake --install "$build"
