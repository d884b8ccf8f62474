"""What the nodes' logs say of a test that failed, short enough to be read where it ran."""
import datetime
import re

LINES = 120
# What goes well, of which there is most.
ROUTINE = re.compile(r" info: (Asking|executing - rsc|Transition \d+ action|\S+ \S+ \(call \d+\) exited with status 0)|"
                     r"Requesting local execution|Result of monitor operation .*: OK|INFO: ")


def when(line):
    """Seconds since 1970 of a line of a log; None without a time."""
    stamp = re.match(r"\w{3} +\d+ [\d:]{8}(\.\d+)?", line)
    if not stamp:
        return None
    form = "%Y %b %d %H:%M:%S" + (".%f" if stamp[1] else "")
    return datetime.datetime.strptime(f"{datetime.datetime.now().year} {stamp[0]}", form).timestamp()


def since(path, begin):
    """Lines of a log from `begin` (seconds since 1970) on; lines without a time go with those before them."""
    if not path.exists():
        return []
    lines, old = [], False
    for line in path.read_text(errors="replace").splitlines():
        moment = when(line)
        if moment is not None:
            old = moment < int(begin)
        if not old:
            lines.append(line)
    return lines


def of_node(folder, begin):
    """The node's part of the story, at most LINES lines of each log."""
    manager = since(folder / "log/manager.log", begin)
    if len(manager) > LINES:
        manager = [line for line in manager if not ROUTINE.search(line)]
    corosync = [line for line in since(folder / "log/corosync.log", begin)
                if re.search("member|quorum|error", line, re.I)]
    console = folder / "console.log"
    said = console.read_text(errors="replace").splitlines()[-8:] if console.exists() else []
    return manager[-LINES:] + ["-- corosync --"] + corosync[-20:] + ["-- console --"] + said


def show(lab, begin):
    """Prints the logs of all nodes of a lab since `begin`."""
    for name in lab.plan.names:
        print(f"---- {name}: what its logs say since the test began", flush=True)
        for line in of_node(lab.plan.file(name), begin):
            print("  " + line.removeprefix(" ")[:240])
    print("----", flush=True)
