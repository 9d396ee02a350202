#!/bin/sh
# Follows docs/migration.md, command by command as they stand there, in a directory that stands for the
# machine: from a dump of MySQL to the first pass. The environment says who answers in Microsoft's place.
#
# Usage: migration-test.sh BIN    BIN: directory with the built programs
set -eu
bin=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
page=docs/migration.md
fixtures=$PWD/docs/scripts/migration

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
fail() {
    echo "migration: $1" >&2
    exit 1
}

mkdir -p "$root/stubs" "$root/etc/cron.d" "$root/var/lib" "$root/var/www/app"
cp "$fixtures/teams_config.php" "$root/var/www/app/"
stub() { # name, what it does
    printf '#!/bin/sh\n%s\n' "$2" >"$root/stubs/$1"
    chmod 0755 "$root/stubs/$1"
}
# What needs another user, or a MySQL server, does the same with neither.
# shellcheck disable=SC2016 # expanded by the stub
stub sudo 'if [ "$1" = -u ]; then shift 2; fi; exec "$@"'
stub useradd 'exit 0'
# shellcheck disable=SC2016
stub install 'for word; do shift; case $skip in y) skip=; continue ;; esac
case $word in -o | -g) skip=y ;; *) set -- "$@" "$word" ;; esac; done
exec /usr/bin/install "$@"'
stub mysql "cat '$fixtures/oauth_tokens.tsv'"

# The page's own commands, at their places below the directory.
awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$page" |
    sed -E "s#/(etc/maintain-teams|etc/cron\.d|var/lib/maintain-teams|var/www/app)#$root/\1#g" >"$root/commands"
[ "$(grep -c . "$root/commands")" -gt 10 ] || fail "no commands found in $page"

PATH="$root/stubs:$bin:$PATH"
export PATH TEAMS_CONFIG="$root/etc/maintain-teams/config.env"
sh -eu "$root/commands" >"$root/output" 2>&1 || {
    cat "$root/output" >&2
    fail "a command of $page failed"
}
cat "$root/output"

# What must have come of it.
database=$root/var/lib/maintain-teams/teams.sqlite3
is() { # query, expected
    got=$(sqlite3 "$database" "$1")
    [ "$got" = "$2" ] || fail "$1: '$got' instead of '$2'"
}
is "SELECT group_concat(user_id || provider) FROM oauth_tokens" "7microsoft,8microsoft,9microsoft"
is "SELECT count(*) FROM oauth_tokens WHERE typeof(user_id) = 'integer'" 3
is "SELECT scope FROM oauth_tokens WHERE user_id = 7" "openid profile User.Read	offline_access"
is "SELECT created_at FROM oauth_tokens WHERE user_id = 8" "2025-03-02 08:00:00"
is "SELECT refresh_token IS NULL FROM oauth_tokens WHERE user_id = 9" 1
# Both that have a refresh token were refreshed by the pass.
is "SELECT count(*) FROM oauth_tokens WHERE expires_at > datetime('now')" 2
is "SELECT count(*) FROM maintain_teams_connections WHERE verdict = 'refreshed'" 2
grep -q '^TEAMS_CLIENT_SECRET=sandbox-secret$' "$TEAMS_CONFIG" || fail "the secret was not taken along"
if grep -q REDIRECT "$TEAMS_CONFIG"; then fail "a constant was taken along that is no setting"; fi
[ "$(stat -c %a "$TEAMS_CONFIG")" = 600 ] || fail "config.env is open to others"
cmp -s crontab.example "$root/etc/cron.d/maintain-teams" || fail "the cron line is not installed"

# Ways to write the settings that PHP takes, and what the page's own command makes of them.
awk '/^sed -E/ { on = 1 } on && /sudo tee/ { exit } on' "$root/commands" | sed '$ s/|$//' >"$root/settings"
settings() { # what stands in teams_config.php, expected lines
    printf '%s\n' "$1" >"$root/var/www/app/teams_config.php"
    got=$(sh -eu "$root/settings")
    [ "$got" = "$2" ] || fail "$1: '$got' instead of '$2'"
}
tab=$(printf '\t')
settings "${tab}define${tab}('TEAMS_CLIENT_ID',${tab}'a');" "TEAMS_CLIENT_ID=a"
settings "define('TEAMS_CLIENT_ID', 'a'); define(\"TEAMS_TENANT_ID\", \"b\");" "TEAMS_CLIENT_ID=a
TEAMS_TENANT_ID=b"
settings "if (!defined('X')) { define('TEAMS_CLIENT_SECRET', 'a.b~c;d_e') ; } // define('TEAMS_TENANT_ID', 'old');" \
    "TEAMS_CLIENT_SECRET=a.b~c;d_e"
settings "# define('TEAMS_CLIENT_SECRET', 'old');
 * define('TEAMS_CLIENT_SECRET', 'older');" ""
# shellcheck disable=SC2016 # the dollar sign is part of the PHP text
for value in "'it\\'s'" "'a b'" '"a$b"' "getenv('SECRET')" "'a' . 'b'" "'a'b'" "''"; do
    settings "define('TEAMS_CLIENT_SECRET', $value);" "TEAMS_CLIENT_SECRET=your-own-value"
done

# The table on the page is the one that `init` makes, and holds every column that MySQL had.
columns='SELECT group_concat(name || " " || type || " " || "notnull" || ifnull(dflt_value, "") || pk) FROM pragma_table_info("oauth_tokens")'
awk '/^```sql$/ { on = 1; next } /^```$/ { on = 0 } on' "$page" | sqlite3 "$root/page.sqlite3"
[ "$(sqlite3 "$root/page.sqlite3" "$columns")" = "$(sqlite3 "$database" "$columns")" ] ||
    fail "the table of $page is not the one that teams-token init makes"
# shellcheck disable=SC2016 # backticks of MySQL
sed -nE 's/^  `([a-z_]+)` .*/\1/p' "$fixtures/oauth_tokens.sql" | while read -r column; do
    is "SELECT count(*) FROM pragma_table_info('oauth_tokens') WHERE name = '$column'" 1
done
echo "migration: as described"
