# shellcheck shell=bash
# The environment in which shaky_steve is built and run. Source it:  . scripts/env.sh
#
# Where a ROS 2 is sourced already, that one is used. Otherwise `.ros` in the checkout becomes one, from the pinned
# wheels of requirements.txt. It is kept in a cache outside the clone, so that the next clone has it at once and its
# path, on which r2r's bindings hang, stays the same.
#
# Sourced into people's shells: no `set`, no `exit`, and nothing but `_steve_*` names is left behind while it runs.

_steve_say() { printf 'shaky_steve: %s\n' "$*" >&2; }

# _steve_prepend VAR DIR: DIR comes first in the path list VAR, once. Entries of an earlier sourcing go.
_steve_prepend() {
    local entry rest="" IFS=:
    for entry in ${!1-}; do
        case "$entry" in
            "" | "$2") ;;
            "${STEVE_ROS_PREFIX:-/nowhere}" | "${STEVE_ROS_PREFIX:-/nowhere}"/*)
                # an entry of the prefix in use stays; one of a prefix that was in use before goes
                [ "$STEVE_ROS_PREFIX" = "${_steve_prefix:-}" ] && rest="$rest:$entry" ;;
            *) rest="$rest:$entry" ;;
        esac
    done
    export "$1=$2$rest"
}

# The prefix of a sourced ROS 2 that is not one of ours.
_steve_sourced_ros() {
    local entry IFS=:
    for entry in ${AMENT_PREFIX_PATH-}; do
        if [ -e "$entry/share/rcl/package.xml" ] && [ ! -e "$entry/.shaky_steve" ]; then
            return 0
        fi
    done
    return 1
}

_steve_no_wheels() {
    _steve_say "$1"
    _steve_say "Without that, install ROS 2 Jazzy from your distribution's packages (Ubuntu 24.04: ros-jazzy-ros-base" \
        "and ros-dev-tools), source it with '. /opt/ros/jazzy/setup.bash' and try again."
    return 1
}

# The first Python for which there are wheels.
_steve_find_python() {
    local candidate
    for candidate in python3 python3.12 python3.11 python3.13; do
        _steve_python=$("$candidate" -c '
import os, sys
assert (3, 11) <= sys.version_info[:2] <= (3, 13)
print(os.path.realpath(sys._base_executable), sys.version.split()[0])' 2>/dev/null) && return 0
    done
    return 1
}

# Makes the prefix, or waits for the shell that is making it.
_steve_make_prefix() (
    set -e
    mkdir -p "${_steve_prefix%/*}"
    exec 9>"$_steve_prefix.lock"
    if ! flock --nonblock 9; then
        _steve_say "another shell is making $_steve_prefix; waiting for it"
        flock 9
    fi
    if [ -e "$_steve_prefix/.shaky_steve" ]; then exit 0; fi
    _steve_say "making a ROS 2 Jazzy from wheels in $_steve_prefix (about a minute, once)"
    # what an interrupted attempt left
    rm -rf "$_steve_prefix"
    "${_steve_python% *}" -m venv "$_steve_prefix" >&2
    _steve_say "installing $(grep -c '==' "$_steve_root/scripts/requirements.txt") packages"
    PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONPATH='' "$_steve_prefix/bin/python3" -m pip install --quiet --no-deps \
        --requirement "$_steve_root/scripts/requirements.txt" >&2
    _steve_say "mending its paths and libraries"
    PYTHONPATH='' "$_steve_prefix/bin/python3" "$_steve_root/scripts/fix_prefix.py" >&2
    touch "$_steve_prefix/.shaky_steve"
    _steve_say "done"
)

_steve_use_wheels() {
    local machine hash
    machine=$(uname -m)
    if [ "$machine" != x86_64 ]; then
        _steve_no_wheels "There are no ROS 2 wheels for $machine, only for x86_64."
        return 1
    fi
    if ! _steve_find_python; then
        _steve_no_wheels "The ROS 2 wheels need Python 3.11, 3.12 or 3.13, and none was found."
        return 1
    fi
    hash=$({ cat "$_steve_root/scripts/requirements.txt" "$_steve_root/scripts/fix_prefix.py" && echo "$_steve_python"; } \
        | sha256sum | cut -c1-12) || return 1
    _steve_prefix="$SHAKY_STEVE_CACHE/ros-$hash"
    if [ ! -e "$_steve_prefix/.shaky_steve" ] || [ ! -x "$_steve_prefix/bin/python3" ]; then
        if ! _steve_make_prefix; then
            _steve_say "making $_steve_prefix failed; source this file again to go on"
            return 1
        fi
    fi
    [ "$(readlink "$_steve_root/.ros")" = "$_steve_prefix" ] || ln -sfn "$_steve_prefix" "$_steve_root/.ros"

    _steve_prepend AMENT_PREFIX_PATH "$_steve_prefix"
    _steve_prepend CMAKE_PREFIX_PATH "$_steve_prefix"
    _steve_prepend LD_LIBRARY_PATH "$_steve_prefix/lib"
    _steve_prepend PATH "$_steve_prefix/bin"
    export STEVE_ROS_PREFIX="$_steve_prefix" ROS_DISTRO=jazzy ROS_VERSION=2 ROS_PYTHON_VERSION=3
}

# What the build installed, when it has.
_steve_use_install() {
    local install="$_steve_root/install" site
    [ -e "$install/share/shaky_steve/package.xml" ] || return 0
    _steve_prepend AMENT_PREFIX_PATH "$install"
    _steve_prepend CMAKE_PREFIX_PATH "$install"
    _steve_prepend LD_LIBRARY_PATH "$install/lib"
    _steve_prepend PATH "$install/bin"
    for site in "$install"/lib/python3*/site-packages "$install"/local/lib/python3*/dist-packages; do
        if [ -d "$site" ]; then _steve_prepend PYTHONPATH "$site"; fi
    done
}

_steve_env() {
    local _steve_root _steve_prefix="" _steve_python
    _steve_root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P) || return 1
    export SHAKY_STEVE_CACHE="${SHAKY_STEVE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/shaky_steve}"
    _steve_sourced_ros || _steve_use_wheels || return 1
    _steve_use_install
    # Nothing leaves this machine unless the user said otherwise.
    if [ -z "${ROS_AUTOMATIC_DISCOVERY_RANGE-}${ROS_LOCALHOST_ONLY-}${ROS_STATIC_PEERS-}" ]; then
        export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
    fi
}

if _steve_env; then _steve_status=0; else _steve_status=1; fi
unset -f _steve_say _steve_prepend _steve_sourced_ros _steve_no_wheels _steve_find_python _steve_make_prefix \
    _steve_use_wheels _steve_use_install _steve_env
# shellcheck disable=SC2086  # a number, and the name has to be gone before the return
eval "unset _steve_status; return $_steve_status"
