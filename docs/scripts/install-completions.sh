#!/bin/sh
# Writes the completions of bash, zsh and fish where those shells look for them, as the programs
# themselves print them. install-completions.sh DIRECTORY-OF-THE-PROGRAMS SHARE
set -eu
programs=$1
share=$2
umask 022

bash=$share/bash-completion/completions
zsh=$share/zsh/site-functions
fish=$share/fish/vendor_completions.d
mkdir -p "$bash" "$zsh" "$fish"
for program in maintain-teams teams-token; do
    "$programs/$program" --generate-completion-script bash >"$bash/$program"
    "$programs/$program" --generate-completion-script zsh >"$zsh/_$program"
    "$programs/$program" --generate-completion-script fish >"$fish/$program.fish"
done
