# shellcheck shell=bash
# The Debian packages that a build needs. To be sourced; `steve_apt` installs those that are missing.

_steve_missing() {
    local package
    for package; do
        [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
    done
}

# shellcheck disable=SC2120  # the packages are the caller's choice
# steve_apt [PACKAGE...]: also the packages named. Says which are missing; apt asks before it installs, where somebody can answer.
steve_apt() {
    # a compiler for r2r and rosidl, libclang for r2r's bindgen, ALSA for cpal
    local packages=(build-essential pkg-config libclang-dev libasound2-dev "$@") missing sudo=() yes=()
    if ! command -v dpkg-query >/dev/null; then
        echo "shaky_steve: no Debian or Ubuntu; see to it that there are: ${packages[*]}" >&2
        return 0
    fi
    # Python of the distribution comes without what a virtual environment and an extension module need.
    if [ "$(command -v python3)" = /usr/bin/python3 ] || ! command -v python3 >/dev/null; then
        packages+=(python3-venv python3-dev)
    fi
    mapfile -t missing < <(_steve_missing "${packages[@]}")
    if [ ${#missing[@]} = 0 ]; then return 0; fi
    echo "shaky_steve: installing Debian packages: ${missing[*]}" >&2
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "shaky_steve: that needs root or sudo: apt-get install ${missing[*]}" >&2
            return 1
        fi
        sudo=(sudo)
    fi
    # Nobody at a terminal: apt would take the end of its input for a no.
    if [ "${CI-}" = true ] || ! [ -t 0 ]; then
        yes=(--yes -qq)
        sudo+=(env DEBIAN_FRONTEND=noninteractive)
    fi
    # Brought up to date first where apt has no lists, or, with nobody to try again, old ones that name what is gone.
    if [ ${#yes[@]} -gt 0 ] || ! apt-get install --simulate "${missing[@]}" >/dev/null 2>&1; then
        "${sudo[@]}" apt-get update >&2 || return 1
    fi
    "${sudo[@]}" apt-get install "${yes[@]}" "${missing[@]}" >&2
}
