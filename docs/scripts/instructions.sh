#!/bin/sh
# Counts the instructions that one refresh costs, and compares them with the kept numbers: a count does not
# depend on how busy the machine is. Two passes under callgrind, over 20 and over 1,020 due connections,
# against nginx on loopback; what they differ by is 1,000 refreshes without start-up and end.
#     sh docs/scripts/instructions.sh .build/release            compare
#     sh docs/scripts/instructions.sh .build/release record     keep what was counted
set -eu
cd "$(dirname "$0")/../.."
program=$1/maintain-teams
action=${2:-compare}
kept=Tests/Benchmarks/instruction-budget.txt
# Between runs it is 0.2.
tolerance=5

for tool in valgrind strip nginx openssl sqlite3 python3; do
    PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || {
        echo "instructions: $tool is missing: run sh docs/scripts/setup.sh valgrind binutils" >&2
        exit 1
    }
done

work=$(mktemp -d)
server=
finish() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# valgrind stumbles over Swift's debugging information.
strip -g -o "$work/maintain-teams" "$program"

openssl req -x509 -new -nodes -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -days 2 \
    -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout "$work/key.pem" -out "$work/cert.pem" \
    2>/dev/null
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
answer=$(printf '{"token_type":"Bearer","scope":"User.Read Team.ReadBasic.All","expires_in":4800,"access_token":"eyJ0%s","refresh_token":"1.A%s"}' \
    "$(openssl rand -hex 898)" "$(openssl rand -hex 598)")
cat >"$work/nginx.conf" <<END
daemon off; master_process off;
pid $work/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off; default_type application/json; keepalive_requests 100000;
  client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
  scgi_temp_path $work/scgi; uwsgi_temp_path $work/uwsgi;
  server {
    listen 127.0.0.1:$port ssl http2;
    ssl_certificate $work/cert.pem; ssl_certificate_key $work/key.pem;
    location / { return 200 '$answer'; }
  }
}
END
PATH=$PATH:/usr/sbin nginx -p "$work" -e "$work/error.log" -c "$work/nginx.conf" 2>/dev/null &
server=$!
tries=0
until curl -s -o "$work/first" --cacert "$work/cert.pem" "https://127.0.0.1:$port/"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 100 ] || ! kill -0 "$server" 2>/dev/null; then
        cat "$work/error.log" >&2
        exit 1
    fi
    sleep 0.1
done

# Prints "ALL OWN": instructions of a pass over so many connections, and those of them in our own program,
# which is what `maintain-teams` holds: the libraries that it loads are not.
measure() {
    database=$work/$1.sqlite3
    (
        umask 077
        {
            echo 'PRAGMA journal_mode = WAL;'
            cat docs/scripts/demo-table.sql
            echo "WITH RECURSIVE users(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM users WHERE id < $1)
                INSERT INTO oauth_tokens (user_id, access_token, refresh_token, expires_at, scope)
                SELECT id, 'eyJ0' || hex(randomblob(898)), '1.A' || hex(randomblob(598)),
                       datetime('now', (60 + id % 600) || ' seconds'), 'User.Read' FROM users;"
        } | sqlite3 "$database" >/dev/null
    )
    env -i PATH="$PATH" HOME="$work" TEAMS_DATABASE="$database" TEAMS_CA_FILE="$work/cert.pem" \
        TEAMS_CLIENT_ID=00000000-0000-0000-0000-000000000001 TEAMS_CLIENT_SECRET=secret-of-the-benchmark \
        TEAMS_TENANT_ID=00000000-0000-0000-0000-000000000002 \
        TEAMS_AUTHORITY_HOST="https://127.0.0.1:$port" \
        valgrind -q --tool=callgrind --callgrind-out-file="$work/$1.out" "$work/maintain-teams" >&2
    refreshed=$(sqlite3 "$database" \
        "SELECT count(*) FROM maintain_teams_connections WHERE verdict = 'refreshed'")
    [ "$refreshed" -eq "$1" ] || {
        echo "instructions: $refreshed of $1 were refreshed" >&2
        exit 1
    }
    awk -v own="$work/maintain-teams" '
        # Names are written out once and abbreviated to a number after that.
        /^ob=/ {
            number = $1; sub(/^ob=/, "", number)
            if (NF > 1) name[number] = $2
            isOwn = name[number] == own
        }
        /^cob=\([0-9]+\) / { number = $1; sub(/^cob=/, "", number); name[number] = $2 }
        # The line after a call is what was spent in the function called.
        /^calls=/ { getline; next }
        /^[0-9+*-]/ { all += $2; if (isOwn) ours += $2 }
        END { printf "%d %d\n", all, ours }
    ' "$work/$1.out"
}

few=$(measure 20)
many=$(measure 1020)
all=$(((${many% *} - ${few% *}) / 1000))
own=$(((${many#* } - ${few#* }) / 1000))
echo "instructions per refresh: $all, of which $own in the program itself"

if [ "$action" = record ]; then
    {
        echo "# Instructions per refresh, counted by docs/scripts/instructions.sh, which compares. After a change"
        echo "# that is worth its cost: sh docs/scripts/instructions.sh .build/release record"
        echo "all $all"
        echo "own $own"
    } >"$kept"
    exit 0
fi
status=0
compare() { # name, counted
    budget=$(awk -v name="$1" '$1 == name { print $2 }' "$kept")
    limit=$((budget * (100 + tolerance) / 100))
    if [ "$2" -gt "$limit" ]; then
        echo "instructions: a refresh costs $2 instructions ($1) and may cost $limit: $budget in $kept, and $tolerance % more" >&2
        status=1
    elif [ "$2" -lt $((budget * (100 - tolerance) / 100)) ]; then
        echo "instructions: $2 ($1) are far fewer than the $budget in $kept: record them"
    fi
}
compare all "$all"
compare own "$own"
[ "$status" -eq 0 ]
