"""The life of a node outside of it: boots it, and again after it has rebooted itself; ends with it. A process of its
own (python3 -m quorate_lab.machine LAB NODE), so that a power switch can start it and nothing has to stay around."""
import os
import pathlib
import signal
import subprocess
import sys

from .layout import Plan
from .network import Network
from .run import run, until

REBOOTED = -signal.SIGHUP  # how the kernel ends a PID namespace whose process calls reboot(2)


def release_disk(image):
    """A loop device of a former life goes when the kernel has torn its namespaces down."""
    until(f"release of {image}", lambda: not run("losetup", "-j", image).strip(), timeout=30, pause=0.02)


def main(lab, node):
    plan = Plan.load(lab)
    folder = plan.file(node)
    log = open(folder / "console.log", "ab", buffering=0)
    boot = plan.file("boot.py")
    assert boot.exists()
    network = Network(plan)
    while True:
        network.forget_addresses(node)
        network.own_address(node)
        release_disk(folder / "disk.img")
        child = subprocess.Popen(
            ["ip", "netns", "exec", plan.network_namespace(node),
             "unshare", "--mount", "--uts", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc",
             sys.executable, str(boot), lab, node],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=dict(os.environ, PYTHONPATH=str(
                pathlib.Path(__file__).resolve().parents[1])))
        init = until("start of the node", lambda: first_child(child), timeout=30, pause=0.005)
        (folder / "init.pid.new").write_text(str(init))
        os.rename(folder / "init.pid.new", folder / "init.pid")
        status = child.wait()
        network.forget_addresses(node)
        (folder / "init.pid").unlink(missing_ok=True)
        log.write(f"lab: {node} ended with {status}\n".encode())
        if status not in (REBOOTED, 128 + signal.SIGHUP):
            return


def first_child(process):
    if process.poll() is not None:
        raise SystemExit(f"the node didn't start: status {process.returncode}")
    try:
        words = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    except FileNotFoundError:
        return None
    return int(words[0]) if words else None


if __name__ == "__main__":
    main(*sys.argv[1:])
