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

from . import cib, logs
from .cluster import Lab, missing, take_away
from .layout import Plan
from .run import until

TOKEN_MS = 1000  # timing tests only
CLIENT_S = 5
IDLE_S = 10
MANAGERS = {"quorate": ("quorated", "quorate-"), "pacemaker": ("pacemakerd", "pacemaker-")}


def median_and_worst(values, unit):
    return f"{statistics.median(values):.2f} / {max(values):.2f} {unit}" if values else "-"


def median_and_least(values):
    return f"{statistics.median(values):.0f} / {min(values):.0f}" if values else "-"


def manager_processes(lab, node):
    """Host process ids of the manager's daemons on a node."""
    first, rest = MANAGERS[lab.plan.manager]
    return [pid for (name, _), pid in node.processes().items() if name == first or name.startswith(rest)]


def start_to_idle(lab):
    """From starting the manager on all nodes, where corosync has formed, to an idle cluster with a DC."""
    begin = time.monotonic()
    for node in lab.nodes.values():
        os.kill(node.init, 10)  # SIGUSR1: the node's init starts the manager
    lab.until_idle(timeout=120)
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
    of that until the power switch had switched), in seconds, and the manager's overhead in ms, where its logs tell."""
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
    own = overhead(lab, victim, begin) if lab.plan.manager == "quorate" else None
    return started - begin, started - told, off - told, own


MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000}


def milliseconds(text):
    """Of a duration as the daemons write it: 505ms, 1.2s, 1m5s."""
    return sum(float(number) * MILLISECONDS[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m)", text))


def overhead(lab, victim, since):
    """Of a failover that began at `since`, by the daemons' own logs: last start of the service confirmed - first
    survivor's membership callback - longest chain of agent processes in between (fencing, then one start after the
    other), in milliseconds."""
    told, confirmed, agents = [], [], 0
    for name in lab.plan.names:
        if name == victim:
            continue
        for line in logs.since(lab.plan.file(name, "log/manager.log"), since):
            moment = logs.when(line)
            if moment is None or moment < since:
                continue
            took = re.search(r"\(execution time ([\w.]+)\)", line)
            if f"Node {victim} is no longer a peer" in line:
                told.append(moment)
            elif re.search(r"Transition \d+ action \d+ \(gw_start_0 on \w+\) confirmed: OK", line):
                confirmed.append(moment)
            elif took and re.search(f" (g[vw] start \\(|Operation '\\w+' targeting {victim} using )", line):
                agents += milliseconds(took[1])
    return 1000 * (max(confirmed) - min(told)) - agents


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


def bring_up(manager, name, realtime=True):
    """A lab with corosync formed and nothing else."""
    lab = Lab(Plan(name=f"{name}-{manager}", manager=manager, token_ms=TOKEN_MS, realtime=realtime))
    lab.create()
    lab.plan.file("hold").touch()
    lab.power_on()
    for bmc in lab.bmcs.values():
        bmc.wait_ready()
    lab.mend()
    return lab


def starts(lab, rounds):
    """Seconds each start took; the manager is stopped in order in between."""
    took = [start_to_idle(lab)]
    while len(took) < rounds:
        launchers = [node.pid_of(MANAGERS[lab.plan.manager][0]) for node in lab.nodes.values()]
        for pid in launchers:
            os.kill(pid, 15)
        until("the managers to end", lambda: not any(manager_processes(lab, node) for node in lab.nodes.values()), 60)
        took.append(start_to_idle(lab))
    return took


def load_service(lab):
    lab.plan.file("hold").unlink()
    shared = lab.plan.file("shared")
    service = "".join(cib.primitive(r, "ocf:lab:Witness", {"shared": shared}) for r in ("gv", "gw"))
    lab.load_configuration(cib.configuration(lab.plan.names, f'<group id="service">{service}</group>'))
    lab.until_idle()
    until("the service", lambda: "gw" in lab.holders(), 60)


def changes_in_turns(labs, rounds):
    """By manager: fsync times in ms and changes a second by one client and by 50, each manager's turn after the
    other's, so that whatever else this machine does hits all."""
    found = {manager: ([], [], []) for manager in labs}
    for _ in range(rounds):
        for manager, lab in labs.items():
            sync, one, fifty = found[manager]
            sync.append(fsync_ms(lab))
            one.append(changes(lab, 1))
            fifty.append(changes(lab, 50))
            lab.until_idle()
    return found


def failovers_in_turns(labs, rounds):
    found = {manager: [] for manager in labs}
    for _ in range(rounds):
        for manager, lab in labs.items():
            found[manager].append(failover(lab))
    return found


def measure(labs, options):
    """The table's columns."""
    columns = {manager: {} for manager in labs}
    for manager, lab in labs.items():
        rounds = options.rounds if manager == "quorate" else min(2, options.rounds)
        columns[manager]["start to idle cluster with DC"] = median_and_worst(starts(lab, rounds), "s")
        load_service(lab)
    for manager, lab in labs.items():
        cpu, memory = idle_cost(lab)
        columns[manager]["idle: part of a core, per node"] = median_and_worst(cpu, "%")
        columns[manager]["idle: memory (PSS), per node"] = median_and_worst(memory, "MiB")
    for manager, (sync, one, fifty) in changes_in_turns(labs, options.turns).items():
        columns[manager].update({
            "fsync of the disk": median_and_worst(sync, "ms"),
            "changes a second, one client": median_and_least(one),
            "changes a second, 50 clients": median_and_least(fifty),
        })
    for manager, times in failovers_in_turns(labs, options.rounds).items():
        own = [t[3] for t in times if t[3] is not None]
        columns[manager].update({
            "failover, from the kill to the last start": median_and_worst([t[0] for t in times], "s"),
            "  of that after corosync told": median_and_worst([t[1] for t in times], "s"),
            "  of that until the power switch was done": median_and_worst([t[2] for t in times], "s"),
            "  of that from there to the last start": median_and_worst([t[1] - t[2] for t in times], "s"),
            "overhead of failover (see README)": median_and_worst(own, "ms"),
            "active twice": str(len(labs[manager].violations())),
        })
    return columns


def main():
    parser = argparse.ArgumentParser(prog="figures", description="Measures the lab's figures; median / worst.")
    parser.add_argument("--rounds", type=int, default=10, help="starts, failovers")
    parser.add_argument("--turns", type=int, default=5, help="of measuring changes a second")
    parser.add_argument("--manager", action="append", choices=MANAGERS, help="default: quorate, and pacemaker if there")
    parser.add_argument("--ordinary-priority", action="store_true",
                        help="corosync isn't in realtime: what changes a second cost, where nodes share few cores")
    parser.add_argument("--name", default="figures")
    options = parser.parse_args()
    reason = missing()
    if reason:
        raise SystemExit(f"figures: {reason}")
    managers = options.manager or ["quorate", *(["pacemaker"] if shutil.which("pacemakerd", path="/usr/sbin") else [])]
    labs = {}
    try:
        for manager in managers:
            labs[manager] = bring_up(manager, options.name, not options.ordinary_priority)
        columns = measure(labs, options)
    finally:
        for manager in managers:
            take_away(f"{options.name}-{manager}")
    print(f"{'':44}" + "".join(f"{manager:>22}" for manager in managers))
    for row in next(iter(columns.values())):
        print(f"{row:44}" + "".join(f"{columns[manager][row]:>22}" for manager in managers))


