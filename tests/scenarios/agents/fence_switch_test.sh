#!/bin/sh
# fence_switch obeys the interface of fence agents and asks its switch.
. "$2/checks.sh"

agent=$build/lib/fence/fence_switch

# ask LINE...: runs the agent with these lines as input
ask() {
    printf '%s\n' "$@" | "$agent" >"$scratch/out" 2>"$scratch/err"
    rc=$?
    err=$(cat "$scratch/err")
}

ask action=metadata; check "metadata" 0 $rc
grep -q '<action name="reboot" />' "$scratch/out" || fail "metadata lists reboot"
ask action=monitor "switch_dir=$scratch"; check "monitor without a switch" 1 $rc
ask action=off plug=node2; check "off without a switch folder" 1 $rc

mkfifo "$scratch/ready"
python3 "$here/power_switch.py" "$scratch" 9 &
switch=$!
read -r _ <"$scratch/ready"
ask action=monitor "switch_dir=$scratch"; check "monitor" 0 $rc
ask "# comment" "" action=status plug=node2 "switch_dir=$scratch"; check "status of a node that is on" 0 $rc
ask action=off nodename=node2 plug=node2 "switch_dir=\"$scratch\""; check "off" 0 $rc
ask action=status plug=node2 "switch_dir=$scratch"; check "status of a node that is off" 2 $rc
ask action=reboot port=node2 "switch_dir=$scratch"; check "reboot, target as port" 0 $rc
ask plug=node2 "switch_dir=$scratch"; check "reboot is the default" 0 $rc
ask action=off plug=nobody "switch_dir=$scratch"; check "off of an unknown node" 1 $rc
check "message" "Power switch could not off nobody: error no such node" "$err"
ask action=on plug=node2 "switch_dir=$scratch"; check "on" 0 $rc
ask action=off plug=silent "switch_dir=$scratch"; check "a switch that gives no answer" 1 $rc
wait $switch
"$agent" -o validate-all -n node2 --switch-dir "$scratch"; check "arguments" 0 $?
ask action=off "plug=a b" "switch_dir=$scratch"; check "a target that isn't a name" 1 $rc
ask action=dance "switch_dir=$scratch"; check "unknown action" 1 $rc
finish
