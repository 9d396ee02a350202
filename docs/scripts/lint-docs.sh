#!/bin/sh
# A page that names a test suite or a source file that is not there is out of date, and so is one whose numbers
# are not those that its script prints.
set -eu
cd "$(dirname "$0")/../.."
failed=0

names() { # pattern
    grep -ohE "\`$1\`" README.md docs/*.md docs/decisions/*.md | tr -d '`' | sort -u
}

for suite in $(names '[A-Za-z]+Tests'); do
    [ -d "Tests/$suite" ] || grep -rqE "(struct|class) $suite\\b" Tests \
        || { echo "lint: the docs name $suite, which is no suite" >&2; failed=1; }
done
for file in $(names '([A-Za-z]+/)*[A-Za-z+-]+\.swift'); do
    [ -n "$(find Sources Tests Package.swift -path "*$file")" ] \
        || { echo "lint: the docs name $file, which is not there" >&2; failed=1; }
done
if command -v python3 >/dev/null; then
    python3 docs/scripts/simulate-day.py --check docs/scaling.md || failed=1
fi
exit $failed
