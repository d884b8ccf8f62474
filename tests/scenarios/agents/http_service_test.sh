#!/bin/sh
# The HttpService agent serves its node's name, and knows when its server has died.
. "$2/checks.sh"

export OCF_RESOURCE_INSTANCE=web HA_VARRUN="$scratch" QUORATE_PROGRAM_DIR="$build/bin"
export OCF_RESKEY_CRM_meta_on_node=node7
OCF_RESKEY_port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export OCF_RESKEY_port

page() {
    python3 -c 'import sys, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:" + sys.argv[1], timeout=5).read().decode().strip())' "$OCF_RESKEY_port"
}

run HttpService monitor; check "monitor before start" 7 $rc
run HttpService start; check "start ($err)" 0 $rc
check "page" "node=node7" "$(page)"
run HttpService start; check "start again" 0 $rc
run HttpService monitor; check "monitor while active" 0 $rc

OCF_RESOURCE_INSTANCE=other run HttpService start; check "a port in use" 1 $rc
case $err in
    "ocf-exit-reason:Cannot listen on 127.0.0.1:$OCF_RESKEY_port: Address already in use") ;;
    *) fail "reason for a port in use: $err" ;;
esac

kill -KILL "$(cat "$scratch/HttpService-web.pid")"
"$build/bin/http-service" --stop "$(cat "$scratch/HttpService-web.pid")"
run HttpService monitor; check "monitor of a server that died" 7 $rc
check "reason" "ocf-exit-reason:the server has died" "$err"
run HttpService start; check "start after death ($err)" 0 $rc
run HttpService stop; check "stop" 0 $rc
[ -e "$scratch/HttpService-web.pid" ] && fail "stop removes the pid file"
run HttpService monitor; check "monitor after stop" 7 $rc
run HttpService stop; check "stop again" 0 $rc

OCF_RESKEY_port=many run HttpService validate-all; check "port must be a number" 6 $rc
OCF_RESKEY_program=/nonexistent run HttpService validate-all; check "server not installed" 5 $rc
echo $$ >"$scratch/HttpService-web.pid"
run HttpService monitor; check "a pid file that names another program" 7 $rc
run HttpService stop; check "another program isn't killed" 0 $rc
finish
