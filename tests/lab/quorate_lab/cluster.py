"""A whole lab: network, nodes, switches, corosync's configuration; brought up, watched, taken away."""
import os
import pathlib
import shutil
import signal
import subprocess

from . import cib
from .bmc import Bmc
from .layout import ROOT, SOURCE, Plan, cluster_address, number_of
from .network import Network
from .node import Node
from .run import Failed, run, until

COROSYNC = """totem {{
  version: 2
  cluster_name: {name}
  transport: knet
  crypto_cipher: none
  crypto_hash: none
  token: {token}
}}
nodelist {{
{nodes}}}
system {{
  sched_rr: {realtime}
  priority: 0
}}
quorum {{
  provider: corosync_votequorum
  expected_votes: {count}
{two_node}}}
logging {{
  to_logfile: yes
  logfile: /var/log/corosync.log
  to_syslog: no
  to_stderr: no
  timestamp: hires
}}
"""


class Lab:
    def __init__(self, plan):
        self.plan = plan
        self.network = Network(plan)
        self.nodes = {name: Node(plan, name) for name in plan.names}
        self.bmcs = {name: Bmc(plan, name) for name in plan.names}

    @staticmethod
    def load(name):
        return Lab(Plan.load(name))

    # ---- Up and down ---------------------------------------------------------------------------

    def create(self):
        """Everything but power on the nodes."""
        take_away(self.plan.name)
        self.plan.save()
        self.plan.file("shared").mkdir()
        self._write_corosync()
        self._gather_agents()
        # What boots a node is outside the folder of this package, which may be read-only.
        self.plan.file("boot.py").write_text("import sys\nfrom quorate_lab.init import main\nmain(*sys.argv[1:])\n")
        self.network.up()
        for node in self.nodes.values():
            node.create()
        for bmc in self.bmcs.values():
            bmc.start()

    def _write_corosync(self):
        nodes = "".join(f"  node {{\n    ring0_addr: {cluster_address(number_of(node))}\n    name: {node}\n"
                        f"    nodeid: {number_of(node)}\n  }}\n" for node in self.plan.names)
        two_node = "  two_node: 1\n  wait_for_all: 1\n" if self.plan.two_node else ""
        self.plan.file("corosync.conf").write_text(COROSYNC.format(
            name=self.plan.name, token=self.plan.token_ms, nodes=nodes, two_node=two_node, count=self.plan.nodes,
            realtime="yes" if self.plan.realtime else "no"))

    def _gather_agents(self):
        """Debian's agents, ours, and the lab's under one root."""
        providers = self.plan.file("ocf/resource.d")
        providers.mkdir(parents=True)
        debian = pathlib.Path("/usr/lib/ocf")
        os.symlink(debian / "lib", self.plan.file("ocf/lib"))
        os.symlink(debian / "resource.d/heartbeat", providers / "heartbeat")
        os.symlink(pathlib.Path(self.plan.build) / "lib/ocf/resource.d/quorate", providers / "quorate")
        os.symlink(SOURCE / "tests/lab/agents", providers / "lab")
        shutil.copytree(SOURCE / "tests/lab/agents", self.plan.file("ocf-extra/lab"))
        compiled = pathlib.Path(self.plan.build) / "tests/lab-agents"
        if compiled.exists():
            os.symlink(compiled, providers / "lab-compiled")
            shutil.copytree(compiled, self.plan.file("ocf-extra/lab-compiled"))

    def power_on(self, names=None):
        for name in names or self.plan.names:
            self.nodes[name].power_on()

    def up(self, timeout=90):
        self.create()
        self.power_on()
        for bmc in self.bmcs.values():
            bmc.wait_ready()
        if self.plan.manager != "none":
            self.until_idle(timeout=timeout)

    def lose_power(self):
        """All nodes at once, with what wasn't synced; then they start again from what is on their disks. All stop
        before the first dies: nobody sees another's loss."""
        running = [node for node in self.nodes.values() if node.on]
        for node in running:
            node.freeze()
        copies = [(node, node.lose_power()) for node in running]
        for node, copy in copies:
            node.replace_disk(copy)
            node.power_on()

    def mend(self):
        """Undoes what was done to network and power, and waits until corosync has one membership of all."""
        self.network.join()
        self.power_on()
        for name, node in self.nodes.items():
            until(f"a membership of all nodes at {name}", lambda node=node: self.members(node) == self.plan.nodes, 60)

    @staticmethod
    def members(node):
        """How many nodes corosync sees from there."""
        text = node.run("corosync-quorumtool", "-s", check=False)
        lines = [line for line in text.splitlines() if line.startswith("Nodes:")]
        return int(lines[0].split()[1]) if lines else 0

    def down(self):
        take_away(self.plan.name)

    # ---- Looking -------------------------------------------------------------------------------

    def status(self, through=None):
        """Status as some node that is on tells it; None if none does."""
        for name in [through] if through else self.plan.names:
            node = self.nodes[name]
            if not node.on:
                continue
            try:
                return cib.Status(node.run("crm_mon", "-1", "--output-as", "xml", timeout=10))
            except (Failed, cib.xml.ParseError):
                continue
        return None

    def until_status(self, what, condition, timeout=60, through=None):
        """Waits until the cluster's status is as `condition` wants it, and returns it."""
        def check():
            status = self.status(through)
            return status if status is not None and condition(status) else None
        return until(what, check, timeout, pause=0.1)

    def until_idle(self, online=None, timeout=90, through=None):
        """Until a DC is there, exactly the nodes of `online` (default: all) are online, and nothing is left to do."""
        wanted = set(online or self.plan.names)
        self.until_status(f"{sorted(wanted)} online with a DC",
                          lambda status: status.dc and status.online == wanted and not status.unclean,
                          timeout, through)
        asked = through or sorted(wanted)[0]
        if self.plan.manager == "quorate":
            self.nodes[asked].run("crm_resource", "--wait", "--timeout", f"{timeout}s", timeout=timeout + 10)
        return self.status(asked)

    def load_configuration(self, text, through=None):
        path = self.plan.file("shared/configuration.xml")
        path.write_text(text)
        node = through or next(name for name in self.plan.names if self.nodes[name].on)
        self.nodes[node].run("cibadmin", "--replace", "--scope", "configuration", "--xml-file", path)

    def violations(self):
        """What was active twice, as the machines say."""
        path = self.plan.file("shared/violations")
        return path.read_text().splitlines() if path.exists() else []

    def holders(self):
        """For each witness the nodes on which its process runs."""
        found = {}
        for name, node in self.nodes.items():
            root = pathlib.Path(f"/proc/{node.init}/root")
            try:
                entries = list(root.glob("run/witness-*.pid"))
            except OSError:  # off, or going off
                continue
            for entry in entries:
                try:
                    text = entry.read_text().strip()
                except OSError:  # just stopped
                    continue
                if text.isdigit() and (root / "proc" / text).exists():
                    found.setdefault(entry.stem.removeprefix("witness-"), []).append(name)
        return found


def processes_of(name):
    """Host processes that belong to a lab: named on their command line, or in its nodes."""
    folder = str(ROOT / name)
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue
        mine = (any(word == folder or word.startswith(folder + "/") for word in words) or
                ("quorate_lab.machine" in words and name in words))
        if mine:
            found.append(int(entry.name))
    return found


def take_away(name):
    """Leaves nothing of a lab behind, whatever state it is in."""
    folder = ROOT / name
    for number in (signal.SIGKILL, signal.SIGKILL):
        for pid in processes_of(name):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
    until("the end of the lab's processes", lambda: not processes_of(name), timeout=30)
    Network(Plan(name=name)).down()
    if folder.exists():
        until("release of the lab's disks", lambda: str(folder) + "/" not in run("losetup", "-a"), timeout=30)
        shutil.rmtree(folder)


def all_labs():
    return sorted(entry.name for entry in ROOT.iterdir()) if ROOT.exists() else []


def missing():
    """What this host lacks for a lab, as one line; empty if nothing."""
    if os.geteuid() != 0:
        return "the lab needs root: namespaces, loop devices"
    programs = ("corosync", "ipmi_sim", "ipmitool", "fence_ipmilan", "ip", "nsenter", "unshare", "losetup", "mkfs.ext4")
    absent = [program for program in programs if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin")]
    if absent:
        return f"the lab needs {', '.join(absent)} (packages corosync openipmi ipmitool fence-agents resource-agents)"
    probes = (("make namespaces and virtual networks",
               ["unshare", "--net", "--mount", "--pid", "--uts", "--ipc", "--fork", "sh", "-c",
                "ip link add veth0 type veth peer name veth1 && ip link add bridge0 type bridge && "
                "mount -t tmpfs tmpfs /tmp"]),
              ("use loop devices", ["losetup", "--find"]))
    for what, command in probes:
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            return f"the lab can't {what} here: {done.stderr.strip()}"
    return ""
