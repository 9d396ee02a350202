#!/bin/sh
# Builds the Debian package from what is built: deb.sh DIRECTORY-OF-THE-PROGRAMS DIRECTORY
# DEB_MAINTAINER names who answers for it, SOURCE_DATE_EPOCH its date.
set -eu
command -v dpkg-shlibdeps >/dev/null || { echo "deb: it needs dpkg-dev: apt-get install dpkg-dev" >&2; exit 1; }
programs=$(cd "$1" && pwd)
mkdir -p "$2"
target=$(cd "$2" && pwd)
cd "$(dirname "$0")/../.."
umask 022

maintainer=${DEB_MAINTAINER:-"maintain-teams authors <maintain-teams@example.org>"}
version=$("$programs/maintain-teams" --version)
version=${version##* }
architecture=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
doc=$root/usr/share/doc/maintain-teams
DESTDIR=$root PREFIX=/usr sh docs/scripts/install.sh install "$programs"

# Debian's places for what `make install` has others for.
mkdir -p "$root/usr/share/zsh/vendor-completions" "$root/lib/systemd/system" "$root/etc/cron.d" \
    "$root/etc/logrotate.d" "$root/etc/maintain-teams" "$root/DEBIAN" "$doc/examples"
mv "$root"/usr/share/zsh/site-functions/* "$root/usr/share/zsh/vendor-completions/"
rmdir "$root/usr/share/zsh/site-functions"
mv "$doc/docs/systemd/maintain-teams.service" "$doc/docs/systemd/maintain-teams.timer" "$root/lib/systemd/system/"
mv "$doc/docs/systemd/maintain-teams-failed@.service" "$doc/crontab.example" "$doc/config.env.example" "$doc/examples/"
mv "$doc/docs/packaging/logrotate" "$root/etc/logrotate.d/maintain-teams"
mv "$doc/LICENSE" "$doc/copyright"
rmdir "$doc/docs/systemd" "$doc/docs/packaging"
# The cron line does nothing after the package is removed, nor before it is configured.
sed 's#/usr/bin/maintain-teams --report#[ ! -x /usr/bin/maintain-teams ] || [ ! -e /etc/maintain-teams/config.env ] || &#' \
    "$doc/examples/crontab.example" >"$root/etc/cron.d/maintain-teams"
# Completions are read, not run.
sed -i '1{/^#!/d}' "$root"/usr/share/bash-completion/completions/*
gzip -9n "$root"/usr/share/man/man*/*
{
    printf 'maintain-teams (%s) unstable; urgency=medium\n\n  * See docs/changelog.md.\n\n' "$version"
    printf ' -- %s  %s\n' "$maintainer" "$(date -Ru -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"

for script in postinst prerm postrm; do
    install -m 0755 "docs/packaging/debian/$script" "$root/DEBIAN/$script"
done
find "$root/etc" -type f -printf '/etc/%P\n' | sort >"$root/DEBIAN/conffiles"
(cd "$root" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

# What the linker knows of. libcurl is loaded at the first request (decision 1), so it stands in control.in.
mkdir -p "$work/shlibs/debian"
printf 'Source: maintain-teams\n\nPackage: maintain-teams\nArchitecture: any\n' >"$work/shlibs/debian/control"
libraries=$(cd "$work/shlibs" && dpkg-shlibdeps -O "$root"/usr/bin/* 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$libraries" ]
sed -e "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@LIBRARIES@/$libraries/" \
    -e "s/@MAINTAINER@/$maintainer/; s/@SIZE@/$(du -sk --exclude=DEBIAN "$root" | cut -f1)/" \
    docs/packaging/debian/control.in >"$root/DEBIAN/control"

find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group --build "$root" "$target/maintain-teams_${version}_$architecture.deb"
