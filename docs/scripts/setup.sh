#!/bin/sh
# Installs what is missing of the system packages that the build and the tests need: libcurl's and
# SQLite's headers, and the real servers and tools that the tests run against.
# Further packages may be named.
set -eu

missing=
for package in libcurl4-openssl-dev libsqlite3-dev pkg-config ca-certificates curl openssl sqlite3 \
    nginx-light python3 shellcheck tzdata tmux zsh fish systemd mandoc "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' \
        || missing="$missing $package"
done
# Any package of nginx will do.
if command -v nginx >/dev/null 2>&1 || [ -x /usr/sbin/nginx ]; then
    missing=$(printf '%s' "$missing" | sed 's/ nginx-light//')
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: please install with your package manager:$missing" >&2
    exit 1
fi
run=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "setup: as root, run: apt-get install$missing" >&2; exit 1; }
    run=sudo
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# An image without package lists can't find anything.
$run apt-get update -qq
# shellcheck disable=SC2086 # a list of names
$run apt-get install -y -qq --no-install-recommends $missing >/dev/null
