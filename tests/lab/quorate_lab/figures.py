"""The figures of the lab: definition, median and worst, beside Debian's pacemaker where that is installed."""
import argparse
import datetime
import os
import pathlib
import re
import shutil
import statistics
import sys
import time

from . import cib
from .cluster import Lab, missing
from .layout import Plan
from .run import Failed, until

TOKEN_MS = 1000  # timing tests only
CLIENT_S = 5
IDLE_S = 10
MANAGERS = {"quorate": ("quorated", "quorate-"), "pacemaker": ("pacemakerd", "pacemaker-")}


def median_and_worst(values, unit):
    return f"{statistics.median(values):.2f} / {max(values):.2f} {unit}" if values else "-"


def manager_processes(lab, node):
    """Host process ids of the manager's daemons on a node."""
    first, rest = MANAGERS[lab.plan.manager]
    return [pid for (name, _), pid in node.processes().items() if name == first or name.startswith(rest)]


def start_to_idle(lab):
    """From starting the manager on all nodes, where corosync has formed, to an idle cluster with a DC."""
    begin = time.monotonic()
    for node in lab.nodes.values():
        os.kill(node.init, 10)  # SIGUSR1: the node's init starts the manager
    lab.until_status("all online with a DC", lambda status: status.dc and status.online == set(lab.plan.names), 120)
    return time.monotonic() - begin


def corosync_saw_loss(node, since):
    """When this node's corosync told of a new membership, by its log; None if it hasn't since then."""
    text = (node.folder / "log/corosync.log").read_text(errors="replace")
    found = None
    for line in text.splitlines():
        match = re.match(r"(\w+ \d+ [\d:.]+) .*A new membership .*Members left", line)
        if match:
            year = datetime.datetime.now().year
            found = datetime.datetime.strptime(f"{year} {match[1]}", "%Y %b %d %H:%M:%S.%f").timestamp()
    return found if found and found > since else None


def failover(lab):
    """SIGKILL of the machine that runs the service: (until its last start elsewhere, of that after corosync had told,
    of that until the power switch had switched), in seconds."""
    victim = lab.holders()["gw"][0]
    survivor = lab.nodes[next(name for name in lab.plan.names if name != victim)]
    events = lab.plan.file("shared/gw.events")
    before = len(events.read_text().splitlines())
    switched = lab.plan.file(victim, "switched")
    begin = time.time()
    lab.nodes[victim].power_off()
    until("the service elsewhere", lambda: len(events.read_text().splitlines()) > before, 60, pause=0.01)
    started = float(events.read_text().splitlines()[-1].split()[0])
    told = until("corosync's log", lambda: corosync_saw_loss(survivor, begin), 10)
    off = float(switched.read_text().splitlines()[-1].split()[0])
    until("the node to be back", lambda: lab.nodes[victim].on, 60)
    lab.until_idle(timeout=120)
    until("the service to be active once", lambda: len(lab.holders().get("gw", [])) == 1, 60)
    return started - begin, started - told, off - told


CHANGE = ('<cluster_property_set id=\\"cib-bootstrap-options\\"><nvpair id=\\"mark-{0}\\" name=\\"mark-{0}\\" '
          'value=\\"$i\\"/></cluster_property_set>')


def changes(lab, clients):
    """Changes a second by clients that run cibadmin in a loop on one node."""
    node = lab.nodes[lab.plan.names[0]]
    loops = "".join(
        f"timeout {CLIENT_S} sh -c 'i=0; while :; do i=$((i+1)); cibadmin --modify --allow-create --scope crm_config "
        f"--xml-text \"{CHANGE.format(client)}\" >/dev/null 2>&1 && echo; done' & " for client in range(clients))
    begin = time.monotonic()
    made = node.run("sh", "-c", f"({loops} wait) | wc -l", timeout=120)
    return int(made) / (time.monotonic() - begin)


def fsync_ms(lab):
    """Median time of writing and syncing 4 KiB on a node's disk."""
    program = ("import os,time,statistics\nf=os.open('/mnt/probe',os.O_CREAT|os.O_WRONLY)\nt=[]\n"
               "for i in range(50):\n b=time.monotonic(); os.pwrite(f,b'x'*4096,i*4096); os.fsync(f); "
               "t.append(time.monotonic()-b)\nprint(statistics.median(t)*1000)")
    return float(lab.nodes[lab.plan.names[0]].run(sys.executable, "-c", program))


def cpu_ticks(pids):
    ticks = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks


def idle_cost(lab):
    """Of each node's daemons while nothing happens: part of a core in percent, memory (PSS) in MiB."""
    pids = {name: manager_processes(lab, node) for name, node in lab.nodes.items()}
    before = {name: cpu_ticks(of) for name, of in pids.items()}
    time.sleep(IDLE_S)
    tick = os.sysconf("SC_CLK_TCK")
    cpu = [100 * (cpu_ticks(of) - before[name]) / tick / IDLE_S for name, of in pids.items()]
    memory = []
    for of in pids.values():
        kib = 0
        for pid in of:
            match = re.search(r"^Pss:\s+(\d+)", pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(), re.M)
            kib += int(match[1]) if match else 0
        memory.append(kib / 1024)
    return cpu, memory


def measure(manager, name, rounds):
    """One column of the table."""
    lab = Lab(Plan(name=name, manager=manager, token_ms=TOKEN_MS))
    try:
        lab.create()
        lab.plan.file("hold").touch()  # corosync first
        lab.power_on()
        for bmc in lab.bmcs.values():
            bmc.wait_ready()
        lab.mend()
        starts = [start_to_idle(lab)]
        lab.plan.file("hold").unlink()
        shared = lab.plan.file("shared")
        service = "".join(cib.primitive(r, "ocf:lab:Witness", {"shared": shared}) for r in ("gv", "gw"))
        lab.load_configuration(cib.configuration(lab.plan.names, f'<group id="service">{service}</group>'))
        lab.until_idle()
        until("the service", lambda: "gw" in lab.holders(), 60)
        cpu, memory = idle_cost(lab)
        sync = fsync_ms(lab)
        one, fifty = changes(lab, 1), changes(lab, 50)
        lab.until_idle()
        times = [failover(lab) for _ in range(rounds)]
        return {
            "start to idle cluster with DC": median_and_worst(starts, "s"),
            "failover, from the kill to the last start": median_and_worst([t[0] for t in times], "s"),
            "  of that after corosync told": median_and_worst([t[1] for t in times], "s"),
            "  of that until the power switch was done": median_and_worst([t[2] for t in times], "s"),
            "  of that from there to the last start": median_and_worst([t[1] - t[2] for t in times], "s"),
            "changes a second, one client": f"{one:.0f}",
            "changes a second, 50 clients": f"{fifty:.0f}",
            "fsync of the disk": f"{sync:.2f} ms",
            "idle: part of a core, per node": median_and_worst(cpu, "%"),
            "idle: memory (PSS), per node": median_and_worst(memory, "MiB"),
            "active twice": str(len(lab.violations())),
        }
    finally:
        lab.down()


def main():
    parser = argparse.ArgumentParser(prog="figures", description="Measures the lab's figures; median / worst.")
    parser.add_argument("--rounds", type=int, default=10, help="failovers")
    parser.add_argument("--manager", action="append", choices=MANAGERS, help="default: quorate, and pacemaker if there")
    parser.add_argument("--name", default="figures")
    options = parser.parse_args()
    reason = missing()
    if reason:
        raise SystemExit(f"figures: {reason}")
    managers = options.manager or ["quorate", *(["pacemaker"] if shutil.which("pacemakerd", path="/usr/sbin") else [])]
    columns = {}
    for manager in managers:
        try:
            columns[manager] = measure(manager, options.name, options.rounds)
        except Failed as error:
            print(f"{manager}: not measured: {error}")
    managers = list(columns)
    if not managers:
        raise SystemExit(1)
    print(f"{'':44}" + "".join(f"{manager:>22}" for manager in managers))
    for row in next(iter(columns.values())):
        print(f"{row:44}" + "".join(f"{columns[manager][row]:>22}" for manager in managers))


