#!/bin/sh
# Installs what is built, or takes the same files away again; `make install` and `make uninstall`.
# install.sh install|uninstall DIRECTORY-OF-THE-PROGRAMS, with PREFIX (/usr/local) and DESTDIR (empty).
set -eu
action=$1
programs=$(cd "$2" 2>/dev/null && pwd) || programs=
cd "$(dirname "$0")/../.."
umask 022
prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}$prefix
share=$root/share
doc=$share/doc/maintain-teams

case $action in
    install)
        for program in maintain-teams teams-token teams-manual; do
            if ! [ -x "$programs/$program" ]; then
                echo "run 'make build' first" >&2
                exit 1
            fi
        done
        work=$(mktemp -d)
        trap 'rm -rf "$work"' EXIT
        sh docs/scripts/manual.sh "$programs" "$work"
        # shellcheck disable=SC2086 # a mode, and perhaps an option
        put() { install -D -m $1 "$2" "$3"; } # mode, file, place
        ;;
    uninstall)
        work=
        put() { rm -f "$3"; }
        ;;
    *) echo "install: $action is neither install nor uninstall" >&2; exit 64 ;;
esac

# What a command prints, as a file.
make() { # place, command
    place=$1
    shift
    [ "$action" = uninstall ] || "$@" >"$work/made"
    put 0644 "$work/made" "$place"
}

for program in maintain-teams teams-token; do
    put '0755 -s' "$programs/$program" "$root/bin/$program"
    make "$share/bash-completion/completions/$program" "$programs/$program" --generate-completion-script bash
    make "$share/zsh/site-functions/_$program" "$programs/$program" --generate-completion-script zsh
    make "$share/fish/vendor_completions.d/$program.fish" "$programs/$program" --generate-completion-script fish
done
for page in maintain-teams.8 teams-token.1 maintain-teams.env.5; do
    put 0644 "$work/$page" "$share/man/man${page##*.}/$page"
done

# The documentation as it lies here, so that its links lead somewhere; samples name the prefix.
for file in README.md LICENSE; do put 0644 "$file" "$doc/$file"; done
for file in crontab.example docs/systemd/* docs/packaging/logrotate; do
    make "$doc/$file" sed "s#/usr/local/bin/#$prefix/bin/#g" "$file"
done
find docs -type f ! -path 'docs/scripts/*' ! -path 'docs/systemd/*' ! -path 'docs/packaging/*' |
    while read -r file; do put 0644 "$file" "$doc/$file"; done
# The config file of docs/configuration.md, to begin with.
# shellcheck disable=SC2016 # marks of Markdown
make "$doc/config.env.example" awk '/^```sh$/ { on = 1; next } /^```$/ { if (on) exit } on' docs/configuration.md

if [ "$action" = uninstall ] && [ -d "$doc" ]; then
    find "$doc" -depth -type d -exec rmdir --ignore-fail-on-non-empty {} +
fi
