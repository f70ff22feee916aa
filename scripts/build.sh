#!/usr/bin/env bash
# build.sh [--debug] [--interfaces]: builds the package and installs it to `install/`, where env.sh finds it.
#   --debug        cargo's dev profile, as the tests use it; release otherwise
#   --interfaces   stop when cargo could be run: interfaces generated, nothing installed (scripts/cargo-ros)
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
build_type=Release interfaces=
for argument; do
    case "$argument" in
        --debug) build_type=Debug ;;
        --interfaces) interfaces=1 ;;
        *) echo "build.sh: unknown option $argument" >&2; exit 2 ;;
    esac
done

# shellcheck source=scripts/apt.sh
. "$root/scripts/apt.sh"
steve_apt
# shellcheck source=scripts/env.sh
. "$root/scripts/env.sh"

# One folder for each ROS and profile: a CMake cache is full of paths of the ROS that it was made with.
if [ "$build_type" = Debug ]; then name=dev; else name=release; fi
ros=$(printf '%s' "${STEVE_ROS_PREFIX-}" "$(command -v cmake)" "${ROS_DISTRO-}" | cksum | cut -d' ' -f1)
build="$root/build/$name-$ros"
quiet() {
    local log="$build.log"
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        return 1
    fi
}
if [ ! -e "$build/cargo-env.sh" ]; then
    echo "shaky_steve: configuring $build" >&2
    mkdir -p "$build"
    generator=()
    if command -v ninja >/dev/null; then generator=(-G Ninja); fi
    quiet cmake "${generator[@]}" -S "$root" -B "$build" -DCMAKE_BUILD_TYPE="$build_type" \
        -DCMAKE_INSTALL_PREFIX="$root/install" -DSTEVE_CACHE_DIR="$SHAKY_STEVE_CACHE"
fi
ln -sfn "${build##*/}" "$root/build/$name"
[ -e "$build/libshaky_steve__rosidl_typesupport_c.so" ] || echo "shaky_steve: generating the interfaces" >&2
quiet cmake --build "$build" --target steve_stage --parallel
if [ -n "$interfaces" ]; then exit 0; fi
cmake --build "$build" --parallel
quiet cmake --install "$build"
