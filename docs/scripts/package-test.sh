#!/bin/sh
# Installs the Debian package and lets the real cron run it, in a machine of its own: the mounts, processes and
# network of this one are left alone. Needs root, three full minutes of cron, cron and logrotate; lintian, promtool
# and the node exporter are asked where they are installed (the Makefile says when).
#
# Usage: package-test.sh PROGRAMS SANDBOX    directories with the programs of the release, and teams-sandbox
set -eu
if [ "${3:-}" != inside ]; then
    programs=$(cd "$1" && pwd)
    sandbox=$(cd "$2" && pwd)
    here=$(cd "$(dirname "$0")" && pwd)
    skip() {
        echo "package-test: skipped: $1" >&2
        exit 0
    }
    [ "$(id -u)" -eq 0 ] || skip "it needs root"
    for tool in cron logrotate dpkg-deb dpkg-shlibdeps setpriv sqlite3 curl python3; do
        command -v "$tool" >/dev/null || skip "there is no $tool"
    done
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    # What an unprivileged container forbids, and a root file system that no overlay can lie over.
    # shellcheck disable=SC2016 # for the shell in the namespaces
    unshare --mount --mount-proc --pid --net --fork sh -c 'mount -t tmpfs none "$1" && mkdir "$1/u" "$1/w" "$1/r" &&
        mount -t overlay overlay -o "lowerdir=/,upperdir=$1/u,workdir=$1/w" "$1/r" && mount -t proc proc "$1/r/proc"' \
        sh "$work" 2>/dev/null || skip "this machine allows no namespaces, or no overlay in them"
    unshare --mount --mount-proc --pid --net --fork --kill-child sh "$here/package-test.sh" "$programs" "$sandbox" inside "$work"
    exit
fi
programs=$1
sandbox=$2
work=$4
project=$(cd "$(dirname "$0")/../.." && pwd)
step() { echo "package-test: $*"; }
fail() {
    echo "package-test: $1" >&2
    for file in "$root/tmp/shared/mail" "$root/var/log/maintain-teams/pass.log" "$work/cron.log" "$work/dpkg.log"; do
        [ ! -e "$file" ] || { echo "--- $file" >&2; tail -n 20 "$file" >&2; }
    done
    exit 1
}
is() { # what, got, expected
    [ "$2" = "$3" ] || fail "$1: '$2' instead of '$3'"
}

wait_until() { # seconds, words if not, command
    deadline=$(($(date +%s) + $1))
    words=$2
    shift 2
    until "$@" 2>/dev/null; do
        [ "$(date +%s)" -lt "$deadline" ] || fail "$words"
        sleep 0.2
    done
}

# This machine's files, written to nowhere but memory.
root=$work/root
mount -t tmpfs none "$work"
mkdir "$work/upper" "$work/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/upper,workdir=$work/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs none "$root/tmp"
mount -t tmpfs none "$root/run"
mkdir "$root/tmp/shared"
ip link set lo up 2>/dev/null || python3 - <<'END'
import fcntl, socket, struct
s = socket.socket()
fcntl.ioctl(s, 0x8914, struct.pack("16sh", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS: IFF_UP, IFF_RUNNING
END
inside() { chroot "$root" "$@"; }
rm -rf "$root"/etc/cron.d/* "$root"/etc/cron.hourly/* "$root"/var/spool/cron/crontabs/*

step "the package"
(cd "$project" && sh docs/packaging/deb.sh "$programs" "$work/deb") >/dev/null
package=$(ls "$work"/deb/*.deb)
lintian=true
if command -v lintian >/dev/null; then lintian="lintian --allow-root --fail-on error"; fi
$lintian "$package" & # while cron is waited for
judge=$!
cp "$package" "$root/tmp/first.deb"
# The same once more, as the version after it.
dpkg-deb -R "$package" "$work/next"
sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
printf '# of the next version\n' >>"$work/next/etc/logrotate.d/maintain-teams"
dpkg-deb --root-owner-group -Znone --build "$work/next" "$root/tmp/next.deb" >/dev/null

step "install"
inside dpkg -i /tmp/first.deb >"$work/dpkg.log" 2>&1 || fail "dpkg -i"
is "the user" "$(inside id -un maintain-teams)" maintain-teams
for library in $(objdump -p "$root/usr/bin/maintain-teams" "$root/usr/bin/teams-token" | awk '$1 == "NEEDED" { print $2 }' | sort -u); do
    grep -qF "\`$library\`" "$project/docs/operations.md" || fail "docs/operations.md does not say that $library is needed"
done
for program in maintain-teams teams-token; do
    [ -z "$(nm "$root/usr/bin/$program" 2>/dev/null)" ] || fail "$program is not stripped"
done
is "the data directory" "$(inside stat -c '%a %U' /var/lib/maintain-teams)" "750 maintain-teams"
inside sh -c 'ldd /usr/bin/maintain-teams | grep -q "not found"' && fail "a library is missing"
inside man -w maintain-teams teams-token maintain-teams.env >/dev/null 2>&1 ||
    [ -e "$root/usr/share/man/man8/maintain-teams.8.gz" ] || fail "no manual pages"

step "a sandbox, users and a configuration"
"$sandbox/teams-sandbox" --plain-http --script "$project/docs/scripts/demo-faults.json" \
    --ready-file "$work/ready.json" >"$work/environment" 2>&1 &
wait_until 60 "the sandbox does not start" test -s "$work/ready.json"
value() { sed -n "s/^export $1='\(.*\)'$/\1/p" "$work/environment"; }
mkdir -p "$root/var/lib/prometheus/node-exporter"
inside chown maintain-teams /var/lib/prometheus/node-exporter
value TEAMS_CLIENT_SECRET >"$root/etc/maintain-teams/client-secret"
cat >"$root/etc/maintain-teams/config.env" <<END
TEAMS_CLIENT_ID=$(value TEAMS_CLIENT_ID)
TEAMS_CLIENT_SECRET_FILE=/etc/maintain-teams/client-secret
TEAMS_AUTHORITY_HOST=$(value TEAMS_AUTHORITY_HOST)
TEAMS_GRAPH_URL=$(value TEAMS_GRAPH_URL)
TEAMS_DATABASE=/var/lib/maintain-teams/teams.sqlite3
TEAMS_LOG_FILE=/var/log/maintain-teams/pass.log
TEAMS_METRICS_FILE=/var/lib/prometheus/node-exporter/maintain_teams.prom
END
inside chgrp maintain-teams /etc/maintain-teams/config.env /etc/maintain-teams/client-secret
chmod 0640 "$root"/etc/maintain-teams/*
as_user() { inside setpriv --reuid maintain-teams --regid maintain-teams --init-groups "$@"; }
as_user teams-token init >/dev/null || fail "teams-token init"
row() { # user, seconds until expiry
    printf "%s\t%s\t%s\t%s\n" "$1" "$("$sandbox/teams-sandbox" access-token "$1")" \
        "$("$sandbox/teams-sandbox" refresh-token "$1")" "$(($(date +%s) + $2))"
}
{
    printf 'user_id\taccess_token\trefresh_token\texpires_at\n'
    row 1 600   # due
    row 2 4000  # fresh
    row 6 300   # the sandbox says that the sign-in was revoked
} >"$root/tmp/rows.tsv"
as_user teams-token import /tmp/rows.tsv >/dev/null || fail "teams-token import"

printf '#!/bin/sh\n{ echo "=== mail"; cat; } >>/tmp/shared/mail\n' >"$root/usr/sbin/sendmail"
chmod 0755 "$root/usr/sbin/sendmail"
chmod 1777 "$root/tmp/shared"
mail=$root/tmp/shared/mail
: >"$mail"
chmod 0666 "$mail"
mails() { grep -c '^=== mail' "$mail" || true; }
every_minute() { # a cron file as it came, to be run every minute
    sed 's/^7,22,37,52/*         /' "$1" >"$work/line"
    grep -q '^\* .* maintain-teams ' "$work/line" || fail "$1 has another line than this test knows"
    # cron takes a file for new by its time, to the second, and none that is not whole.
    install -m 0644 "$work/line" "$root/etc/cron.d/.new"
    mv "$root/etc/cron.d/.new" "$root/etc/cron.d/maintain-teams"
}
metrics=$root/var/lib/prometheus/node-exporter/maintain_teams.prom
metric() { sed -n "s/^maintain_teams_$1 //p" "$metrics" 2>/dev/null; }
runs() { metric "runs_total{result=\"$1\"}"; }
has_run() { [ "$(runs "$1")" -ge "$2" ]; }
idle() { # no job of cron's, its mail included
    ! cat /proc/[0-9]*/comm | grep -qixE 'cron|maintain-teams|sendmail'
}

step "cron, every minute: the package's line"
every_minute "$root/etc/cron.d/maintain-teams"
chroot "$root" cron -f -L 15 >"$work/cron.log" 2>&1 & # no function, so that $! is cron
cron=$!
wait_until 150 "cron has not run the program" has_run reauth 1
wait_until 30 "no mail has come" test -s "$mail"

step "crontab.example, and logrotate between two passes"
every_minute "$root/usr/share/doc/maintain-teams/examples/crontab.example"
as_log() { inside stat -c '%a %U:%G' "/var/log/maintain-teams/$1"; }
is "the log" "$(as_log pass.log)" "640 maintain-teams:maintain-teams"
inside logrotate --force --state /tmp/state /etc/logrotate.d/maintain-teams || fail "logrotate"
[ -s "$root/var/log/maintain-teams/pass.log.1" ] || fail "nothing was rotated"
wait_until 150 "cron has not run the program again" has_run reauth $(($(runs reauth) + 1))
is "the exit code" "$(metric last_run_exit_code)" 10
grep -q . "$root/var/log/maintain-teams/pass.log" || fail "no pass has logged into the new file"
is "the new log" "$(as_log pass.log)" "640 maintain-teams:maintain-teams"
# What stands is mailed once, though each pass ends with 10.
is "mails" "$(mails)" 1
grep -q '^maintain-teams: REAUTH (10): user 6 must sign in again' "$mail" || fail "the mail is another"
: >"$mail"

step "user 6 signs in again"
curl -sf -X DELETE "$(value TEAMS_AUTHORITY_HOST)/sandbox/faults" || fail "the sandbox takes no order"
as_user sqlite3 /var/lib/maintain-teams/teams.sqlite3 ".timeout 5000" \
    "UPDATE oauth_tokens SET refresh_token = '$("$sandbox/teams-sandbox" refresh-token 6 --generation 5)'
     WHERE user_id = 6"
wait_until 150 "cron has not run the program once more" has_run ok 1
kill "$cron"
wait_until 60 "a job of cron's does not end" idle
is "mails of the recovery" "$(mails)" 1
is "the mail of the recovery" "$(grep '^maintain-teams' "$mail")" "maintain-teams: over: user 6 must sign in again"
is "the exit code" "$(metric last_run_exit_code)" 0
for user in 1 6; do
    is "user $user's hour" "$(inside sqlite3 /var/lib/maintain-teams/teams.sqlite3 \
        "SELECT expires_at > unixepoch() + 3000 FROM oauth_tokens WHERE user_id = $user")" 1
done
inside sh -c 'teams-token list --json' | python3 -c 'import json, sys
assert len(json.load(sys.stdin)["connections"]) == 3' || fail "teams-token list"
as_user teams-token health >"$work/health" || { cat "$work/health" >&2; fail "teams-token health"; }
logged() { cat "$root"/var/log/maintain-teams/pass.log* | grep -c "$@" || true; }
is "passes that were logged" "$(logged 'pass finished')" "$(($(runs reauth) + $(runs ok)))"
is "events without run_id" "$(logged -v ' run_id=')" 0

step "the metrics, by Prometheus' own readers"
if command -v promtool >/dev/null; then
    promtool check metrics <"$metrics" || fail "promtool check metrics"
fi
if command -v prometheus-node-exporter >/dev/null; then
    prometheus-node-exporter --collector.disable-defaults --collector.textfile \
        --collector.textfile.directory="${metrics%/*}" --web.listen-address=127.0.0.1:9100 >"$work/exporter.log" 2>&1 &
    exporter=$!
    curl -sf --retry 50 --retry-delay 1 --retry-connrefused http://127.0.0.1:9100/metrics >"$work/scraped" ||
        fail "the node exporter"
    kill "$exporter"
    is "the textfile collector's errors" "$(sed -n 's/^node_textfile_scrape_error //p' "$work/scraped")" 0
    is "scraped series" "$(grep -c '^maintain_teams_' "$work/scraped")" "$(grep -c '^maintain_teams_' "$metrics")"
fi

wait "$judge" || fail "lintian"

step "upgrade, remove, purge"
every_minute "$work/next/etc/cron.d/maintain-teams"
inside dpkg -i --force-confold /tmp/next.deb >"$work/dpkg.log" 2>&1 || fail "the upgrade"
cmp -s "$work/line" "$root/etc/cron.d/maintain-teams" || fail "the upgrade has overwritten the cron file"
grep -q 'next version' "$root/etc/logrotate.d/maintain-teams" || fail "the upgrade has kept an unchanged old file"
is "the modes after it" "$(inside stat -c '%a %G' /etc/maintain-teams/config.env)" "640 maintain-teams"
inside dpkg -r maintain-teams >/dev/null 2>&1 || fail "dpkg -r"
[ ! -e "$root/usr/bin/maintain-teams" ] || fail "the program is still there"
[ -e "$root/etc/maintain-teams/config.env" ] || fail "the configuration went with the program"
line=$(sed -n 's/^\*[ *]* maintain-teams  *//p' "$root/etc/cron.d/maintain-teams")
is "what the line left behind prints" "$(inside sh -c "$line" 2>&1)" ""
inside dpkg -P maintain-teams >"$work/dpkg.log" 2>&1 || fail "dpkg -P"
for path in /etc/maintain-teams /var/log/maintain-teams /etc/cron.d/maintain-teams /etc/logrotate.d/maintain-teams; do
    [ ! -e "$root$path" ] || fail "the purge has left $path"
done
[ -e "$root/var/lib/maintain-teams/teams.sqlite3" ] || fail "the purge has deleted the database"
echo "package-test: installed, run by cron, watched, upgraded and removed"
