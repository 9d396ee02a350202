#!/bin/sh
# A folder of TokenCore may use the types of the folders below it, never those of one beside or above it
# (docs/architecture.md). Swift has no imports between folders, so this looks for the types by name.
set -eu
cd "$(dirname "$0")/../.."
core=Sources/TokenCore
failed=0

below() {
    case $1 in
        Model) echo "" ;;
        System) echo "Model" ;;
        SQLite | HTTP) echo "System Model" ;;
        OAuth | Graph) echo "HTTP System Model" ;;
        Storage) echo "SQLite System Model" ;;
        Maintenance) echo "OAuth Graph Storage HTTP System Model" ;;
        Configuration) echo "System Model" ;;
        Reporting) echo "Maintenance Storage System Model" ;;
        Diagnosis)
            echo "Configuration Reporting Maintenance OAuth Storage HTTP SQLite System Model" ;;
        Program)
            echo "Diagnosis Configuration Reporting Maintenance OAuth Graph Storage HTTP SQLite System Model" ;;
        *) echo "lint: $1 has no place in the layers of docs/architecture.md" >&2; exit 1 ;;
    esac
}

# The types that a folder declares at the top level of its files, one a line.
types() {
    sed -nE 's/^(public |package )?(final )?(struct|class|enum|actor|protocol|typealias) ([A-Za-z]+).*/\4/p' \
        "$core/$1"/*.swift "$core/$1"/*/*.swift 2>/dev/null | sort -u
}

names=$(mktemp)
trap 'rm -f "$names"' EXIT
folders=$(cd "$core" && ls)
for folder in $folders; do
    allowed=" $folder $(below "$folder") "
    for other in $folders; do
        case $allowed in *" $other "*) continue ;; esac
        types "$other" >"$names"
        found=$(find "$core/$folder" -name '*.swift' -exec awk -v names="$names" '
            BEGIN { while ((getline name < names) > 0) forbidden[name] = 1 }
            {
                text = $0
                sub(/\/\/.*/, "", text) # comments and strings may speak of anything
                gsub(/"[^"]*"/, "", text)
                count = split(text, words, /[^A-Za-z0-9_]+/)
                for (place = 1; place <= count; place++)
                    if (words[place] in forbidden) { print FILENAME ":" FNR ": " words[place]; break }
            }' {} + | head -n 3)
        if [ -n "$found" ]; then
            printf 'lint: %s must not use %s:\n%s\n' "$folder" "$other" "$found" >&2
            failed=1
        fi
    done
done
exit $failed
