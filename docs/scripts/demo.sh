#!/bin/sh
# The product in a minute, without a Microsoft tenant: a sandbox that answers like the token endpoint, a
# database with connections that are due, fresh and broken, one pass, and what it says.
set -eu
cd "$(dirname "$0")/../.."

echo "building (the first time takes a few minutes) ..."
for product in maintain-teams teams-token teams-sandbox; do swift build -q --product "$product"; done
bin=$(swift build --show-bin-path)

work=$(mktemp -d)
sandbox=
finish() {
    [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

"$bin/teams-sandbox" --strict-rotation --script docs/scripts/demo-faults.json \
    --ready-file "$work/ready.json" >"$work/environment" 2>"$work/sandbox.log" &
sandbox=$!
tries=0
until [ -s "$work/ready.json" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 200 ] || ! kill -0 "$sandbox" 2>/dev/null; then
        cat "$work/sandbox.log" >&2
        exit 1
    fi
    sleep 0.1
done

# Only what the demo sets: nothing of this shell's own configuration.
unset TEAMS_CONFIG TEAMS_CLIENT_SECRET_FILE TEAMS_TENANT_ID TEAMS_SCOPES TEAMS_CLOUD TEAMS_PROVIDER TEAMS_METRICS_FILE TEAMS_PING_URL TEAMS_HOOK
# shellcheck disable=SC1091 # written by the sandbox
. "$work/environment"
export XDG_CONFIG_HOME="$work" TEAMS_DATABASE="$work/teams.sqlite3"

row() { # user, seconds until expiry
    printf "INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at) VALUES (%s, '%s', '%s', datetime('now', '%s seconds'));\n" \
        "$1" "$("$bin/teams-sandbox" access-token "$1")" "$("$bin/teams-sandbox" refresh-token "$1")" "$2"
}
(
    umask 077
    {
        cat docs/scripts/demo-table.sql
        row 1 600     # due: expires in ten minutes
        row 2 -3600   # due: expired an hour ago
        row 3 1200    # due
        row 4 2700    # fresh
        row 5 4000    # fresh
        row 6 300     # broken: the user's session was revoked
    } | sqlite3 "$TEAMS_DATABASE"
)

step() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }

step "teams-token list"
"$bin/teams-token" list

step "maintain-teams -v"
code=0
"$bin/maintain-teams" -v || code=$?
echo "exit code: $code (10: one connection needs a person)"

step "teams-token list"
"$bin/teams-token" list

step "maintain-teams (again: nothing is due, user 6 still stands)"
again=0
"$bin/maintain-teams" -v || again=$?
echo "exit code: $again"

if [ "$code" -ne 10 ] || [ "$again" -ne 10 ]; then
    echo "demo: expected exit code 10 twice" >&2
    exit 1
fi
echo
echo "That was the whole product: one pass, every 15 minutes, by cron. README.md shows the real thing."
