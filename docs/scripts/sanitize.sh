#!/bin/sh
# The test suite under AddressSanitizer, then each fuzz target for a number of inputs (20,000, or the
# first argument). What the fuzzer finds is put into the corpus, which the ordinary tests replay.
set -eu
cd "$(dirname "$0")/../.."

runs=${1:-20000}
folder=.build-sanitized
resources=$(swiftc -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
FUZZER_LIBRARY=$resources/clang/lib/linux/libclang_rt.fuzzer_no_main-$(uname -m).a
export FUZZER_LIBRARY
[ -f "$FUZZER_LIBRARY" ] || { echo "sanitize: this toolchain has no libFuzzer ($FUZZER_LIBRARY)" >&2; exit 1; }

# Everything is slower here: too many tests at once would only wait for each other.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=6

swift build --build-tests --scratch-path "$folder" --sanitize address \
    -Xswiftc -sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table
swift test --skip-build --disable-xctest --scratch-path "$folder" --sanitize address

for corpus in Tests/Fuzzing/Corpus/*; do
    target=$(basename "$corpus")
    found=$folder/found/$target
    mkdir -p "$found"
    if "$folder/debug/fuzz" "$target" -runs="$runs" -seed=1 -max_len=4096 -timeout=10 \
        -artifact_prefix="$corpus/found-" -print_final_stats=1 "$found" "$corpus" \
        >"$found.log" 2>&1
    then
        echo "fuzz $target: $(sed -n 's/^stat::number_of_executed_units: *//p' "$found.log") inputs, nothing found"
    else
        tail -n 40 "$found.log" >&2
        echo "fuzz $target: see above; the input is kept in $corpus" >&2
        exit 1
    fi
done
