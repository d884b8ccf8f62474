#!/bin/sh
# Every source file is laid out by clang-format.
#   check_format.sh SOURCE_DIR
set -eu
cd "$1"
command -v clang-format >/dev/null || { echo "clang-format isn't installed: skipped"; exit 77; }
find lib daemons cli agents tests \( -name '*.h' -o -name '*.cc' \) -print0 |
  xargs -0 clang-format --dry-run -Werror
