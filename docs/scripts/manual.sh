#!/bin/sh
# Writes the manual pages, as the programs describe themselves. manual.sh DIRECTORY-OF-THE-PROGRAMS DIRECTORY
set -eu
programs=$1
pages=$2
mkdir -p "$pages"
for page in maintain-teams.8 teams-token.1; do
    program=${page%.*}
    "$programs/$program" --experimental-dump-help | "$programs/teams-manual" "$program" >"$pages/$page"
done
"$programs/teams-manual" maintain-teams.env >"$pages/maintain-teams.env.5"
