#!/bin/sh
# The rule of the architecture: outside lib/io, daemons and cli nothing does I/O. No clock, socket,
# file, process or thread headers there, no libraries but the listed ones, and no folder of lib
# includes one that stands below it.
#   check_layers.sh SOURCE_DIR
set -eu
cd "$1"
bad=0
complain() { echo "$1" >&2; bad=1; }

pure=$(find lib -name '*.h' -o -name '*.cc' | grep -v '^lib/io/' | sort)

forbidden='#include <(sys/(socket|wait|stat|types|time|epoll|un)|unistd|fcntl|poll|signal|ctime|time|random|fstream|iostream|filesystem|thread|mutex|atomic|future|condition_variable|qb/|corosync/|systemd/|gnutls/|zstd|stdlib)'
found=$(grep -nE "$forbidden" $pure || true)
[ -z "$found" ] || complain "includes that do I/O, tell time or start threads in pure folders:
$found"

allowed='#include <(libxml/|libxslt/|libexslt/|boost/|fmt/|nlohmann/|tl/)'
found=$(grep -nE '#include <[a-z]+[0-9]*/' $pure | grep -vE "$allowed" || true)
[ -z "$found" ] || complain "libraries that pure folders don't use:
$found"

# Calls that need no telling header.
found=$(grep -nE '[^_a-zA-Z:.>](std::)?(getenv|system_clock|steady_clock|random_device|rand|time\(nullptr|time\(NULL)\b' $pure || true)
[ -z "$found" ] || complain "environment, clocks or randomness in pure folders:
$found"

order="base xml rules cib model graph scheduler transition messages agents status replica attributes executor fencer launcher remote controller explain"
allowed_so_far=""
for folder in $order; do
  allowed_so_far="$allowed_so_far $folder"
  [ -d "lib/$folder" ] || continue
  for other in $order; do
    case " $allowed_so_far " in *" $other "*) continue ;; esac
    # messages may be used from above and below its place: it is what everyone says.
    [ "$other" = messages ] && continue
    found=$(grep -rnE "#include \"$other/" "lib/$folder" || true)
    [ -z "$found" ] || complain "lib/$folder includes what stands below it:
$found"
  done
done
exit $bad
