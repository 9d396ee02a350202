#!/bin/sh
# Keeps the picture of docs/architecture.md true: which folder may use which, and who may import C.
set -eu
cd "$(dirname "$0")/../.."
failed=0

complain() {
    echo "lint: $1" >&2
    failed=1
}

# Each C module has one door.
only() { # module, folders that may import it
    found=$(grep -rln --include='*.swift' "import $1\$" Sources | grep -vE "^Sources/TokenCore/($2)/" || true)
    [ -z "$found" ] || complain "import $1 belongs to Sources/TokenCore/$2: $found"
}
only CCurl 'HTTP/Curl'
only CSQLite 'SQLite'
only CLinux 'System'

found=$(grep -rlnE --include='*.swift' '^(public |internal |private |@testable )?import (Foundation|FoundationNetworking)$' Sources/TokenCore Sources/maintain-teams Sources/teams-token || true)
[ -z "$found" ] || complain "FoundationEssentials is enough: $found"

found=$(grep -rln --include='*.swift' 'import ArgumentParser' Sources/TokenCore || true)
[ -z "$found" ] || complain "only programs read arguments: $found"

sh docs/scripts/lint-layers.sh || failed=1
sh docs/scripts/lint-docs.sh || failed=1

swift format lint --strict --recursive --parallel Package.swift Sources Tests || failed=1
shellcheck docs/scripts/*.sh docs/packaging/*.sh docs/packaging/debian/p* \
    Tests/Benchmarks/contestants/*.sh .ci/run || failed=1
exit $failed
