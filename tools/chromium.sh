#!/bin/sh
# Prints the path of a Chromium or Chrome for the browser tests; installs Debian's where that needs no password.
# Prints nothing where there is none: the tests are then skipped by name. With CI=true that is an error.
find_browser() {
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
                "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

install_browser() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true 2>/dev/null; then as_root="sudo -n"
    else return 1; fi
    echo "No Chromium or Chrome found: installing chromium with apt-get." >&2
    $as_root apt-get -qq update >&2 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium >&2
}

find_browser && exit 0
install_browser && find_browser && exit 0
if [ "${CI:-}" = true ]; then
    echo "No Chromium or Chrome, and CI=true: the browser tests must run. Install one, or set CHROMIUM to its path." >&2
    exit 1
fi
echo "No Chromium or Chrome: the browser tests will be SKIPPED. Install one, or set CHROMIUM to its path." >&2
