# Read by the tests of this folder: a scratch folder, and checks that say what they expected.

build=$1
here=$2
scratch=$(mktemp -d)
failures=0

fail() {
    echo "FAILED: $1" >&2
    failures=$((failures + 1))
}

# check WHAT EXPECTED ACTUAL
check() {
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# run AGENT ACTION: sets rc, out and err
run() {
    "$build/lib/ocf/resource.d/quorate/$1" "$2" >"$scratch/out" 2>"$scratch/err"
    rc=$?
    out=$(cat "$scratch/out")
    err=$(cat "$scratch/err")
}

finish() {
    rm -rf "$scratch"
    [ "$failures" -eq 0 ] && echo "all checks passed"
    exit "$failures"
}
