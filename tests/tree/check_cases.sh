#!/bin/sh
# No code names a case of the conformance corpus: rules are implemented, never cases. Test data
# lists may. Skipped where the corpus isn't there.
#   check_cases.sh SOURCE_DIR
set -eu
cd "$1"
corpus=${QUORATE_CONFORMANCE:-../shared/conformance}/scheduler/cases
[ -d "$corpus" ] || { echo "no conformance corpus at $corpus: skipped"; exit 77; }
# Names that are plain words, numbers or the names of options would match anything.
names=$(ls "$corpus" | grep -E '^([a-z0-9]+-){3,}|^[a-z]+-?[0-9]{3,}|^[a-z]+(-[a-z]+)+-[0-9]+$')
found=$(grep -rnF "$names" lib daemons cli agents --include='*.cc' --include='*.h' || true)
[ -z "$found" ] || { echo "$found"; exit 1; }
