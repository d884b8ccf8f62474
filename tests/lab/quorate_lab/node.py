"""A node as seen from outside: power, processes, commands on it."""
import os
import pathlib
import signal
import subprocess
import sys

from .init import environment
from .run import run, until

DISK_MB = 512
HERE = pathlib.Path(__file__).resolve().parents[1]


class Node:
    def __init__(self, plan, name):
        self.plan = plan
        self.name = name
        self.folder = plan.file(name)

    def create(self):
        self.folder.mkdir(parents=True)
        with open(self.image, "wb") as image:
            image.truncate(DISK_MB << 20)
        run("mkfs.ext4", "-q", "-E", "lazy_itable_init=1,lazy_journal_init=1", self.image)

    @property
    def image(self):
        return self.folder / "disk.img"

    @property
    def init(self):
        """The process id of the node's first process; None if the node is off."""
        try:
            pid = int((self.folder / "init.pid").read_text())
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ValueError, ProcessLookupError):
            return None
        return None if state in "ZX" else pid

    @property
    def on(self):
        return self.init is not None

    def power_on(self):
        if self.on:
            return
        subprocess.Popen([sys.executable, "-m", "quorate_lab.machine", self.plan.name, self.name],
                         cwd=HERE, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=open(self.folder / "console.log", "ab"))
        until(f"{self.name} to be on", lambda: self.on, timeout=60, pause=0.01)

    def power_off(self):
        """The power switch: everything on it is gone when this returns."""
        pid = self.init
        if pid is None:
            return
        guests = self.guests(pid)
        os.kill(pid, signal.SIGKILL)
        for guest in guests:
            self.signal(guest, signal.SIGKILL)
        until(f"{self.name} to be off", lambda: not self.on, timeout=30, pause=0.005)

    def shut_down(self, timeout=120):
        """In order: the manager stops, then corosync, then the machine."""
        os.kill(self.init, signal.SIGTERM)
        until(f"{self.name} to have shut down", lambda: not self.on, timeout=timeout)

    def freeze(self):
        """Stops all processes of the node where they are."""
        for pid in self.processes().values():
            self.signal(pid, signal.SIGSTOP)

    def lose_power(self):
        """Off, with what wasn't synced to the disk lost: the disk is taken as it is while nothing runs."""
        self.freeze()
        copy = self.folder / "disk.copy"
        run("cp", "--sparse=always", self.image, copy)
        self.power_off()
        return copy

    def replace_disk(self, copy):
        """The node must be off; the kernel may still be writing to the old image, which goes."""
        until("release of the disk", lambda: not run("losetup", "-j", self.image).strip(), timeout=30, pause=0.02)
        os.rename(copy, self.image)

    def edit_disk(self, script):
        """A shell script in the disk's root folder, as an administrator would repair a machine; it must be off."""
        until("release of the disk", lambda: not run("losetup", "-j", self.image).strip(), timeout=30, pause=0.02)
        run("unshare", "--mount", "sh", "-ec", f"mount -o loop {self.image} /mnt; cd /mnt; {script}; cd /; umount /mnt")

    def _enter(self):
        return ["nsenter", "-t", str(self.init), "-m", "-u", "-n", "-i", "-p", "--"]

    def run(self, *command, check=True, timeout=60):
        """The output of a command run on the node."""
        return run(*self._enter(), *command, check=check, timeout=timeout, env=environment(self.plan, self.name))

    def open(self, *command, **options):
        """A command on the node that goes on beside."""
        return subprocess.Popen([*self._enter(), *map(str, command)], env=environment(self.plan, self.name), text=True,
                                **options)

    def shell(self):
        os.execvpe("nsenter", [*self._enter(), "bash", "--norc"],
                   dict(environment(self.plan, self.name), TERM=os.environ.get("TERM", "dumb"),
                        PS1=f"{self.name}# "))

    @staticmethod
    def guests(init):
        """Host processes that have entered the node's file systems, and would hold its disk: those that run commands
        on it (nsenter stops itself when its command is stopped)."""
        def space(pid, kind):
            try:
                return os.readlink(f"/proc/{pid}/ns/{kind}")
            except OSError:
                return None
        mounts, pids = space(init, "mnt"), space(init, "pid")
        return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and
                space(entry, "mnt") == mounts and space(entry, "pid") != pids]

    def processes(self):
        """Host process ids of all processes on the node but its first, by (name, id in the node)."""
        init = self.init
        found = {}
        if init is None:
            return found
        space = os.readlink(f"/proc/{init}/ns/pid")
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == init:
                continue
            try:
                if os.readlink(entry / "ns/pid") == space:
                    found[((entry / "comm").read_text().strip(), int(entry.name))] = int(entry.name)
            except OSError:
                continue
        return found

    def pid_of(self, program):
        """Host process id of a daemon on the node; names are cut to 15 characters as the kernel does."""
        for (name, _), pid in self.processes().items():
            if name == program[:15]:
                return pid
        return None

    @staticmethod
    def signal(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def log(self):
        path = self.folder / "log/manager.log"
        return path.read_text(errors="replace") if path.exists() else ""
