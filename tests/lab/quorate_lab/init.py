"""The first process of a node: mounts, corosync, the cluster manager, which it starts again when it dies."""
import ctypes
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from .layout import Plan

RESTART_PAUSE_S = 1.0
WATCHDOG_S = 8  # as the systemd unit has it
NOTIFY_SOCKET = "/run/lab-notify"
STOPPED_FOR_GOOD = (0, 100)  # as the systemd unit has it: stopped in order, or must not run here


def mount(*words):
    subprocess.run(["mount", *map(str, words)], check=True)


def prepare(plan, node):
    """Everything a machine has of its own. What could reach the host's kernel is made read-only: a daemon that
    panics writes to sysrq, and only the reboot call, which ends this namespace, may work."""
    mount("--make-rprivate", "/")
    if os.path.exists("/proc/sysrq-trigger"):
        mount("--bind", "/dev/null", "/proc/sysrq-trigger")
    mount("--bind", "/proc/sys/kernel", "/proc/sys/kernel")
    mount("-o", "remount,ro,bind", "/proc/sys/kernel")
    for folder in ("/run", "/dev/shm", "/tmp"):
        mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", folder)
    if plan.shm_mb:
        mount("-o", f"remount,size={plan.shm_mb}m", "/dev/shm")
    mount("-o", "loop,noauto_da_alloc", plan.file(node, "disk.img"), "/mnt")
    for folder in ("corosync", "pacemaker", "pacemaker/cores"):
        pathlib.Path("/mnt", folder).mkdir(exist_ok=True)
    logs = plan.file(node, "log")
    logs.mkdir(exist_ok=True)
    mount("--bind", logs, "/var/log")
    mount("--bind", "/mnt/corosync", "/var/lib/corosync")
    mount("--bind", plan.file("corosync.conf"), "/etc/corosync/corosync.conf")
    for folder in ("/run/resource-agents", "/run/lock", "/var/log/pacemaker", "/run/crm", "/var/log/corosync"):
        pathlib.Path(folder).mkdir(exist_ok=True)
    subprocess.run(["hostname", node], check=True)


def prepare_reference(plan):
    """Debian's Pacemaker wants its folders as its package makes them, and agents where OCF has them."""
    extra = plan.file("ocf-extra")
    mount("-t", "overlay", "-o", f"lowerdir={extra}:/usr/lib/ocf/resource.d", "overlay", "/usr/lib/ocf/resource.d")
    for folder in ("cib", "pengine", "cores", "blackbox"):
        pathlib.Path("/mnt/pacemaker", folder).mkdir(exist_ok=True)
    subprocess.run(["chown", "-R", "hacluster:haclient", "/mnt/pacemaker", "/run/crm", "/var/log/pacemaker"],
                   check=True)
    mount("--bind", "/mnt/pacemaker", "/var/lib/pacemaker")


def environment(plan, node):
    tools = f"{plan.bin}:" if plan.manager == "quorate" else ""  # each manager's tools speak to it alone
    return {
        "PATH": f"{tools}/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", "LC_ALL": "C", "HOME": "/root",
        "QUORATE_STATE_DIR": "/mnt/pacemaker", "QUORATE_OCF_ROOT": str(plan.file("ocf")),
        "HA_RSCTMP": "/run/resource-agents", "PCMK_logfile": "/var/log/manager.log", "PCMK_logfacility": "none",
        "QUORATE_LAB_SHARED": str(plan.file("shared")),
    }


class Init:
    def __init__(self, plan, node):
        self.plan = plan
        self.environment = environment(plan, node)
        self.stopping = False
        self.children = {}
        self.heard = {}  # when each manager that wants to be watched was heard of last
        if plan.manager == "quorate":
            self.environment.update(NOTIFY_SOCKET=NOTIFY_SOCKET, WATCHDOG_USEC=str(WATCHDOG_S * 1_000_000))
            self.watched = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self.watched.bind(NOTIFY_SOCKET)
            self.watched.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
            self.watched.settimeout(0.5)
            threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        """Kills a manager that was heard of and isn't any more, as systemd does."""
        while True:
            try:
                said, ancillary, _, _ = self.watched.recvmsg(4096, socket.CMSG_SPACE(12))
                pid = struct.unpack("3i", ancillary[0][2])[0]
                if b"WATCHDOG=1" in said and pid in self.children:
                    self.heard[pid] = time.monotonic()
            except socket.timeout:
                pass
            for pid, moment in list(self.heard.items()):
                if pid not in self.children:
                    del self.heard[pid]
                elif time.monotonic() - moment > WATCHDOG_S:
                    self.say(f"{pid} isn't heard of any more: killed")
                    del self.heard[pid]
                    os.kill(pid, signal.SIGKILL)

    def start(self, what, command):
        process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL, cwd="/",
                                   start_new_session=True)
        self.children[process.pid] = (what, command)
        self.say(f"{what} started as {process.pid}")

    def say(self, text):
        print(f"{time.time():.3f} init: {text}", flush=True)

    def start_manager(self):
        if self.plan.manager == "quorate":
            self.start("manager", [str(self.plan.bin / "quorated")])
        elif self.plan.manager == "pacemaker":
            self.start("manager", ["/usr/sbin/pacemakerd", "-f"])

    def request_stop(self, *_):
        self.stopping = True
        managers = [pid for pid, (what, _) in self.children.items() if what == "manager"]
        for pid in managers:
            os.kill(pid, signal.SIGTERM)
        if not managers:
            self.stop_layer()

    def stop_layer(self):
        for pid, (what, _) in self.children.items():
            if what == "corosync":
                os.kill(pid, signal.SIGTERM)

    def run(self):
        """Until everything has ended. Children of all kinds are reaped: orphans come to the first process."""
        signal.signal(signal.SIGTERM, self.request_stop)
        signal.signal(signal.SIGUSR1, lambda *_: self.start_manager())
        subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
        self.start("corosync", ["/usr/sbin/corosync", "-f"])
        if not self.plan.file("hold").exists():
            self.start_manager()
        while True:
            try:
                pid, status = os.waitpid(-1, 0)
            except ChildProcessError:
                return
            what, command = self.children.pop(pid, (None, None))
            if what is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            self.say(f"{what} {pid} ended with {code}")
            if what == "corosync" and self.stopping:
                return
            if what == "manager" and self.stopping:
                self.stop_layer()
            elif what == "manager" and code in STOPPED_FOR_GOOD:
                self.say("the manager is stopped until it is started by hand")
            elif not self.stopping:
                time.sleep(RESTART_PAUSE_S)
                self.start(what, command)


def main(lab, node):
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # dies with the process that switched the machine on
    plan = Plan.load(lab)
    prepare(plan, node)
    if plan.manager == "pacemaker":
        prepare_reference(plan)
    if plan.manager == "quorate" and not (plan.bin / "quorated").exists():
        raise SystemExit(f"{plan.bin}/quorated isn't there as nodes see it: not built, or below /tmp")
    Init(plan, node).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
