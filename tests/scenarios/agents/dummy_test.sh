#!/bin/sh
# The Dummy agent keeps to spec/11 §23.2.
. "$2/checks.sh"

export OCF_RESOURCE_INSTANCE=d:0 HA_VARRUN="$scratch"
state=$scratch/Dummy-d.state

run Dummy monitor; check "monitor before start" 7 $rc
run Dummy start; check "start" 0 $rc
[ -e "$state" ] || fail "the state file drops the instance number"
run Dummy start; check "start again" 0 $rc
run Dummy monitor; check "monitor while active" 0 $rc
run Dummy reload-agent; check "reload-agent" 0 $rc

OCF_CHECK_LEVEL=30 run Dummy monitor
check "check level 30" 1 $rc
check "reason of level 30" "ocf-exit-reason:hyperdrive quota reached" "$err"
echo 9 >"$state"
OCF_CHECK_LEVEL=40 run Dummy monitor; check "check level 40 returns the number in the file" 9 $rc

: >"$state.serialized"
OCF_RESKEY_op_sleep=1 run Dummy monitor; check "overlapping monitors" 1 $rc
rm "$state.serialized"
OCF_RESKEY_op_sleep=1 run Dummy monitor; check "slow monitor" 0 $rc
[ -e "$state.serialized" ] && fail "a monitor's marker is removed"

run Dummy stop; check "stop" 0 $rc
run Dummy stop; check "stop again" 0 $rc
run Dummy monitor; check "monitor after stop" 7 $rc
OCF_RESKEY_fail_start_on=$(uname -n) run Dummy start; check "fail_start_on" 1 $rc
run Dummy stop

OCF_RESKEY_CRM_meta_globally_unique=true run Dummy start
[ -e "$scratch/Dummy-d:0.state" ] || fail "a unique instance has a state file of its own"
OCF_RESKEY_CRM_meta_globally_unique=true run Dummy stop

OCF_RESKEY_op_sleep=x run Dummy validate-all; check "op_sleep must be a number" 6 $rc
OCF_CHECK_LEVEL=10 OCF_RESKEY_state=/nonexistent/x run Dummy validate-all
check "unwritable folder" 2 $rc
OCF_RESKEY_envfile=$scratch/env run Dummy validate-all
grep -q '^OCF_RESOURCE_INSTANCE=d:0$' "$scratch/env" || fail "envfile holds the environment"
run Dummy nonsense; check "unknown action" 3 $rc
run Dummy meta-data; check "meta-data" 0 $rc
case $out in *'<parameter name="op_sleep" reloadable="1">'*) ;; *) fail "metadata" ;; esac
finish
