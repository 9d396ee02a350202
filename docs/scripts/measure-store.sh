#!/bin/sh
# How large the database of docs/scaling.md is: a table with tokens of a given length, then one real pass over
# 30 % of it against a server that answers from memory.
# measure-store.sh DIRECTORY-OF-THE-PROGRAMS ROWS [LENGTH-OF-ACCESS-TOKEN LENGTH-OF-REFRESH-TOKEN]
set -eu
programs=$(cd "$1" && pwd)
rows=$2
access=${3:-2000}
refresh=${4:-1300}
cd "$(dirname "$0")/../.."

work=$(mktemp -d)
nginx=
finish() {
    [ -z "$nginx" ] || kill "$nginx" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM
file=$work/teams.sqlite3
mebibytes() { echo "$1 $(($(stat -c %s "$2" 2>/dev/null || echo 0) / 1048576)) MiB"; }
share() { # what, condition on the name
    sqlite3 "$file" "SELECT '$1 ' || (coalesce(sum(pgsize), 0) / 1048576) || ' MiB' FROM dbstat WHERE $2"
}

umask 077
scope='openid profile email User.Read Team.ReadBasic.All'
{
    echo 'PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;'
    cat docs/scripts/demo-table.sql
    # Tokens don't compress, so that what is measured is not the file system's doing.
    cat <<SQL
WITH RECURSIVE users(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM users WHERE n < $rows)
INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at, scope)
SELECT n, hex(randomblob($access / 2)), hex(randomblob($refresh / 2)),
  datetime('now', abs(random() % 6000) || ' seconds'), '$scope' FROM users;
SQL
} | sqlite3 "$file" >"$work/made"
echo "$rows rows, tokens of $access and $refresh bytes"
mebibytes 'the file' "$file"
share 'of it indexes' "name LIKE 'idx%' OR name LIKE 'sqlite_autoindex%'"

token() { head -c "$(($1 / 2))" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf '{"token_type":"Bearer","scope":"%s","expires_in":4500,"access_token":"%s","refresh_token":"%s"}' \
    "$scope" "$(token "$access")" "$(token "$refresh")" >"$work/answer.json"
cat >"$work/nginx.conf" <<CONF
pid $work/nginx.pid;
error_log $work/nginx.log;
events {}
http {
    access_log off;
    client_body_temp_path $work/body;
    keepalive_requests 1000000;
    server {
        listen 127.0.0.1:$port;
        root $work;
        default_type application/json;
        error_page 405 =200 /answer.json;
        location / { rewrite ^ /answer.json break; }
    }
}
CONF
PATH=$PATH:/usr/sbin nginx -e "$work/nginx.log" -c "$work/nginx.conf" -g 'daemon off; user root;' &
nginx=$!
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do sleep 0.1; done

# 1,800 of the 6,000 seconds: 30 % of the rows are due.
for reader in without with; do
    if [ "$reader" = with ]; then
        sqlite3 "$file" "UPDATE oauth_tokens SET expires_at = datetime('now', abs(random() % 6000) || ' seconds')"
        # A backup, or a report: a reader that does not end.
        mkfifo "$work/reader"
        sqlite3 "$file" <"$work/reader" >/dev/null &
        held=$!
        exec 3>"$work/reader"
        echo 'BEGIN; SELECT count(*) FROM sqlite_master;' >&3
    fi
    (
        largest=0
        while :; do
            size=$(stat -c %s "$file-wal" 2>/dev/null || echo 0)
            [ "$size" -le "$largest" ] || { largest=$size; echo "$size" >>"$work/wal"; }
            sleep 0.1
        done
    ) &
    watch=$!
    echo "a pass, $reader a reader:"
    env -i TEAMS_CLIENT_ID=5a4db0c5-0000-4000-8000-000000000001 TEAMS_DATABASE="$file" \
        TEAMS_AUTHORITY_HOST="http://127.0.0.1:$port" TEAMS_TENANT_ID=5a4db0c5-0000-4000-8000-000000000002 \
        "$programs/maintain-teams" --concurrency 100 --json |
        python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["result"], d["counts"]["refreshed"], "refreshed in", round(d["duration_seconds"], 1), "s")'
    kill "$watch"
    echo "the largest write-ahead log $(($(tail -n 1 "$work/wal") / 1048576)) MiB"
    rm -f "$work/wal"
    mebibytes 'the file' "$file"
    share 'our own tables' "name LIKE 'maintain_teams%'"
    sqlite3 "$file" "SELECT count(*) || ' rows in maintain_teams_connections' FROM maintain_teams_connections"
done
exec 3>&-
wait "$held"
start=$(date +%s)
sqlite3 "$file" ".backup $work/copy"
mebibytes "a backup, $(($(date +%s) - start)) s," "$work/copy"
