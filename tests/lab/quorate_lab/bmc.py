"""Power switches: one ipmi_sim per node on the switches' network. Its chassis control is a script that kills the
node's first process, or starts the node."""
import os
import pathlib
import signal
import subprocess
import sys

from .layout import bmc_address, number_of
from .run import run, until

HERE = pathlib.Path(__file__).resolve().parents[1]
USER, PASSWORD = "admin", "secret"

SCRIPT = """#!/bin/sh
# Called by ipmi_sim: 0x20 get power, or 0x20 set power 0|1.
if [ -e {folder}/refuse ]; then exit 1; fi
[ ! -e {folder}/late ] || sleep "$(cat {folder}/late)"
case "$*" in
  *"get power"*)
    pid=$(cat {folder}/init.pid 2>/dev/null) && kill -0 "$pid" 2>/dev/null && echo power:1 || echo power:0 ;;
  *"set power 0"*|*"set reset"*)
    echo "$(date +%s.%N) off" >> {folder}/switched
    pid=$(cat {folder}/init.pid 2>/dev/null) && kill -9 "$pid" 2>/dev/null
    while [ -e {folder}/init.pid ]; do sleep 0.01; done ;;
  *"set power 1"*)
    echo "$(date +%s.%N) on" >> {folder}/switched
    cd {here} && setsid {python} -m quorate_lab.command --name {lab} power {node} on </dev/null >/dev/null 2>&1 & ;;
esac
exit 0
"""

CONFIGURATION = """name "{node}"
set_working_mc 0x20
  startlan 1
    addr {address} 623
    priv_limit admin
    allowed_auths_callback none md2 md5 straight
    allowed_auths_user none md2 md5 straight
    allowed_auths_operator none md2 md5 straight
    allowed_auths_admin none md2 md5 straight
    guid a123456789abcdefa123456789abcde{number}
  endlan
  chassis_control "{script} 0x20"
  user 1 true "" "" user 10 none md2 md5 straight
  user 2 true "{user}" "{password}" admin 10 none md2 md5 straight
"""

EMULATOR = """mc_setbmc 0x20
mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
mc_enable 0x20
"""


class Bmc:
    def __init__(self, plan, node):
        self.plan = plan
        self.node = node
        self.folder = plan.file(node)

    def start(self):
        number = number_of(self.node)
        script = self.folder / "chassis"
        script.write_text(SCRIPT.format(folder=self.folder, here=HERE, python=sys.executable, lab=self.plan.name,
                                        node=self.node))
        script.chmod(0o755)
        (self.folder / "bmc.conf").write_text(CONFIGURATION.format(
            node=self.node, address=bmc_address(number), number=number % 10, script=script, user=USER,
            password=PASSWORD))
        (self.folder / "bmc.emu").write_text(EMULATOR)
        state = self.folder / "bmc-state"
        state.mkdir(exist_ok=True)
        process = subprocess.Popen(
            ["ip", "netns", "exec", self.plan.network_namespace(), "ipmi_sim", "-n", "-c", self.folder / "bmc.conf",
             "-f", self.folder / "bmc.emu", "-s", state],
            stdin=subprocess.DEVNULL, stdout=open(self.folder / "bmc.log", "ab"), stderr=subprocess.STDOUT,
            start_new_session=True, cwd="/")
        (self.folder / "bmc.pid").write_text(str(process.pid))

    @property
    def pid(self):
        try:
            return int((self.folder / "bmc.pid").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def answer(self, does):
        """Whether it answers at all."""
        os.kill(self.pid, signal.SIGCONT if does else signal.SIGSTOP)

    def refuse(self, does):
        """Whether it refuses to do what it is asked."""
        path = pathlib.Path(self.folder / "refuse")
        if does:
            path.touch()
        else:
            path.unlink(missing_ok=True)

    def late(self, seconds):
        """How long it takes for whatever it is asked."""
        path = pathlib.Path(self.folder / "late")
        if seconds:
            path.write_text(str(seconds))
        else:
            path.unlink(missing_ok=True)

    def wait_ready(self):
        until(f"the BMC of {self.node}", lambda: "Chassis Power" in self.command("chassis", "power", "status"),
              timeout=20, pause=0.1)

    def command(self, *words):
        return run("ip", "netns", "exec", self.plan.network_namespace(), "ipmitool", "-I", "lanplus", "-C", "3", "-N",
                   "1", "-R", "1", "-H", bmc_address(number_of(self.node)), "-U", USER, "-P", PASSWORD, *words,
                   check=False, timeout=30)

    def switched(self):
        """How often it has switched the node on: what ends each fencing, also of a node that was off already."""
        path = self.folder / "switched"
        return path.read_text().count(" on\n") if path.exists() else 0
