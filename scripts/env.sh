# shellcheck shell=bash
# The environment in which shaky_steve is built and run. Source it from bash:  . scripts/env.sh
#
# Where a ROS 2 is sourced already, that one is used. Otherwise `.ros` in the checkout becomes one, from the pinned
# wheels of requirements.txt. It is kept in a cache outside the clone, so that the next clone has it at once and its
# path, on which r2r's bindings hang, stays the same.
#
# Sourced into people's shells: no `set`, no `exit`, and its functions are gone when it is done. As it is called from
# an `if`, errexit is off in all of it, in subshells too: every step that can fail says what then.

if [ -z "${BASH_VERSION-}" ]; then
    echo "shaky_steve: env.sh is for bash; start one and source it there" >&2
    return 1
fi

_steve_say() { printf 'shaky_steve: %s\n' "$*" >&2; }

# _steve_drop VAR: takes out of a path list what an earlier sourcing put there, of this or of another checkout.
_steve_drop() {
    local entry kept="" IFS=:
    [ -n "${!1-}" ] || return 0
    for entry in ${!1}; do
        case "$entry" in
            "" | "$SHAKY_STEVE_CACHE"/ros-*) continue ;;
            "${SHAKY_STEVE_INSTALL:-/nowhere}" | "${SHAKY_STEVE_INSTALL:-/nowhere}"/*) continue ;;
        esac
        # a prefix of ours in another cache
        if [ -e "$entry/.shaky_steve" ] || [ -e "${entry%/*}/.shaky_steve" ]; then continue; fi
        kept="$kept:$entry"
    done
    export "$1=${kept#:}"
}

# _steve_prefix_first DIR: what is in DIR is found before anything else.
_steve_prefix_first() {
    export AMENT_PREFIX_PATH="$1${AMENT_PREFIX_PATH:+:$AMENT_PREFIX_PATH}"
    export CMAKE_PREFIX_PATH="$1${CMAKE_PREFIX_PATH:+:$CMAKE_PREFIX_PATH}"
    export LD_LIBRARY_PATH="$1/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
    export PATH="$1/bin:$PATH"
}

# Is there a ROS 2 that is not one of ours?
_steve_ros_is_sourced() {
    local entry IFS=:
    for entry in ${AMENT_PREFIX_PATH-}; do
        if [ -e "$entry/share/rcl/package.xml" ]; then return 0; fi
    done
    return 1
}

_steve_cannot() {
    _steve_say "$1"
    _steve_say "Install ROS 2 Jazzy from your distribution's packages instead (Ubuntu 24.04: ros-jazzy-ros-base and" \
        "ros-dev-tools), source it with '. /opt/ros/jazzy/setup.bash', and try again."
    return 1
}

# The first Python that there are wheels for (that of `.ros`, if there is one: another terminal may find another Python
# first, and what is built here is built for that one), and its version, which its wheels and so its prefix depend on.
_steve_find_python() {
    local candidate
    for candidate in "$_steve_root/.ros/bin/python3" python3 python3.12 python3.11 python3.13; do
        _steve_python=$("$candidate" -c '
import os, sys
assert (3, 11) <= sys.version_info[:2] <= (3, 13)
print(os.path.realpath(sys._base_executable), sys.version.split()[0])' 2>/dev/null) && return 0
    done
    return 1
}

# Is the prefix there, and made by the recipe of this checkout?
_steve_prefix_is_made() {
    [ -x "$_steve_prefix/bin/python3" ] && [ "$(cat "$_steve_prefix/.shaky_steve" 2>/dev/null)" = "$_steve_recipe" ]
}

# Makes the prefix, or waits for the shell that is making it. The stamp goes first and comes last: without it all is made
# anew, wherever the attempt before was interrupted.
_steve_make_prefix() (
    exec 9>"$_steve_prefix.lock" || exit 1
    if ! flock --nonblock 9; then
        _steve_say "another shell is making $_steve_prefix; waiting for it"
        flock 9 || exit 1
    fi
    if _steve_prefix_is_made; then exit 0; fi
    # shellcheck disable=SC2030,SC2031  # meant for this subshell alone
    export PYTHONPATH='' PIP_DISABLE_PIP_VERSION_CHECK=1
    if [ -e "$_steve_prefix/.shaky_steve" ] && [ -x "$_steve_prefix/bin/python3" ]; then
        _steve_say "updating the ROS 2 Jazzy in $_steve_prefix"
        rm "$_steve_prefix/.shaky_steve" || exit 1
    else
        _steve_say "making a ROS 2 Jazzy from wheels in $_steve_prefix (about a minute, once)"
        rm -rf "$_steve_prefix" && "${_steve_python% *}" -m venv "$_steve_prefix" >&2 || exit 1
    fi
    _steve_say "installing $(grep -c '==' "$_steve_root/scripts/requirements.txt") packages" &&
        "$_steve_prefix/bin/python3" -m pip install --quiet --no-deps \
            --requirement "$_steve_root/scripts/requirements.txt" >&2 &&
        _steve_say "mending paths and libraries" &&
        "$_steve_prefix/bin/python3" "$_steve_root/scripts/fix_prefix.py" >&2 &&
        echo "$_steve_recipe" >"$_steve_prefix/.stamp" && mv "$_steve_prefix/.stamp" "$_steve_prefix/.shaky_steve"
)

_steve_use_wheels() {
    local machine hash
    machine=$(uname -m)
    if [ "$machine" != x86_64 ]; then
        _steve_cannot "ROS 2 comes as wheels for x86_64 only, and this is $machine."
        return 1
    fi
    if ! _steve_find_python; then
        _steve_cannot "The wheels of ROS 2 need Python 3.11, 3.12 or 3.13, and none was found."
        return 1
    fi
    # The path changes with the ROS packages alone: r2r's bindings, minutes of work, hang on it. Anything else is
    # updated in place.
    hash=$({ grep '^ros-' "$_steve_root/scripts/requirements.txt" && echo "$_steve_python"; } | sha256sum) || return 1
    _steve_prefix="$SHAKY_STEVE_CACHE/ros-${hash:0:12}"
    _steve_recipe=$(cat "$_steve_root/scripts/requirements.txt" "$_steve_root/scripts/fix_prefix.py" | sha256sum) || return 1
    if ! _steve_prefix_is_made; then
        if ! { mkdir -p "$SHAKY_STEVE_CACHE" && _steve_make_prefix; }; then
            _steve_say "that failed; when its cause is gone, source this file again"
            return 1
        fi
    fi
    if [ -L "$_steve_root/.ros" ] || [ ! -e "$_steve_root/.ros" ]; then
        [ "$(readlink "$_steve_root/.ros")" = "$_steve_prefix" ] || ln -sfn "$_steve_prefix" "$_steve_root/.ros"
    fi
    _steve_prefix_first "$_steve_prefix"
    export ROS_DISTRO=jazzy ROS_VERSION=2 ROS_PYTHON_VERSION=3
}

# What the build installed, when it has.
_steve_use_install() {
    local site
    export SHAKY_STEVE_INSTALL="$_steve_root/install"
    [ -e "$SHAKY_STEVE_INSTALL/share/shaky_steve/package.xml" ] || return 0
    _steve_prefix_first "$SHAKY_STEVE_INSTALL"
    # where the distribution's Python and anybody else's put modules
    for site in "$SHAKY_STEVE_INSTALL"/{,local/}lib/python3*/{site,dist}-packages; do
        # shellcheck disable=SC2031
        if [ -d "$site/shaky_steve" ]; then export PYTHONPATH="$site${PYTHONPATH:+:$PYTHONPATH}"; fi
    done
}

_steve_env() {
    local _steve_root _steve_prefix _steve_python _steve_recipe variable
    _steve_root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P) || return 1
    export SHAKY_STEVE_CACHE="${SHAKY_STEVE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/shaky_steve}"
    for variable in AMENT_PREFIX_PATH CMAKE_PREFIX_PATH LD_LIBRARY_PATH PATH PYTHONPATH; do
        _steve_drop "$variable"
    done
    _steve_ros_is_sourced || _steve_use_wheels || return 1
    _steve_use_install
    # Nothing leaves this machine unless the user said otherwise.
    if [ -z "${ROS_AUTOMATIC_DISCOVERY_RANGE-}${ROS_LOCALHOST_ONLY-}${ROS_STATIC_PEERS-}" ]; then
        export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
    fi
    # Found within half a second, not three: the file says why. A profile of the user's own stays.
    case "${FASTRTPS_DEFAULT_PROFILES_FILE-}${FASTDDS_DEFAULT_PROFILES_FILE-}" in
        "" | */config/fastdds.xml)
            # the name before Fast DDS 3, and since
            export FASTRTPS_DEFAULT_PROFILES_FILE="$_steve_root/config/fastdds.xml"
            export FASTDDS_DEFAULT_PROFILES_FILE="$FASTRTPS_DEFAULT_PROFILES_FILE" ;;
    esac
}

if _steve_env; then _steve_status=0; else _steve_status=1; fi
unset -f _steve_say _steve_drop _steve_prefix_first _steve_ros_is_sourced _steve_cannot _steve_find_python \
    _steve_prefix_is_made _steve_make_prefix _steve_use_wheels _steve_use_install _steve_env
# The number is put in before the name goes.
eval "unset _steve_status; return $_steve_status"
