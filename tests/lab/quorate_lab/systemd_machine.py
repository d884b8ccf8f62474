"""One machine that boots systemd from a throw-away copy of this host's root, for what packages and units do.

It stands alone: namespaces of its own, the root an overlay whose changes are in memory, so that what is installed
in it is gone with it. Nothing here may run on the host's own root: systemd-tmpfiles empties the /tmp it sees."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

from .run import run, until

BOOT_S = 60
SPACES = ("-m", "-u", "-n", "-i", "-p")


def boot(base):
    """In new namespaces: makes the machine's root below `base`, moves into it and becomes systemd."""
    base = pathlib.Path(base)

    def mount(*words):
        subprocess.run(["mount", *map(str, words)], check=True)

    mount("--make-rprivate", "/")
    mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", base)
    for name in ("upper", "work", "root"):
        (base / name).mkdir()
    root = base / "root"
    mount("-t", "overlay", "-o", f"lowerdir=/,upperdir={base}/upper,workdir={base}/work", "overlay", root)
    mount("-t", "proc", "proc", root / "proc")
    # What reaches the host's kernel: a panic's sysrq, the sysctls that booting applies.
    if (root / "proc/sysrq-trigger").exists():
        mount("--bind", "/dev/null", root / "proc/sysrq-trigger")
    mount("--bind", root / "proc/sys", root / "proc/sys")
    mount("-o", "remount,ro,bind", root / "proc/sys")
    mount("--bind", "/dev", root / "dev")
    mount("--bind", "/sys", root / "sys")
    for folder, mode in (("run", "755"), ("tmp", "1777"), ("dev/shm", "1777"), ("sys/fs/cgroup", "755")):
        mount("-t", "tmpfs", "-o", f"mode={mode}", "tmpfs", root / folder)
    (root / "sys/fs/cgroup/systemd").mkdir()
    mount("-t", "cgroup", "-o", "none,name=systemd", "cgroup", root / "sys/fs/cgroup/systemd")
    (root / "etc/machine-id").write_text("")
    # What the host has of cluster managers isn't the machine's.
    for folder in ("var/lib/pacemaker", "var/lib/corosync", "var/log/pacemaker"):
        shutil.rmtree(root / folder, ignore_errors=True)
    (root / "var/lib/corosync").mkdir(parents=True)
    (root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)  # of containers: starts no service
    subprocess.run(["hostname", "node1"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    os.chdir(root)
    (root / "lab-old-root").mkdir()
    subprocess.run(["pivot_root", ".", "lab-old-root"], check=True)
    os.chroot(".")
    os.chdir("/")
    subprocess.run(["umount", "-l", "/lab-old-root"], check=True)
    os.execve("/lib/systemd/systemd", ["/lib/systemd/systemd", "--system", "--unit=basic.target"],
              {"container": "lab", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"})


class SystemdMachine:
    def __init__(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="quorate-machine-", dir="/var/tmp"))
        self.console = self.base.with_suffix(".log")
        package = pathlib.Path(__file__).resolve().parents[1]
        code = f"import sys; sys.path.insert(0, {str(package)!r}); " \
               f"from quorate_lab.systemd_machine import boot; boot({str(self.base)!r})"
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--uts", "--pid", "--ipc", "--net", "--fork", "--kill-child", "--mount-proc",
             sys.executable, "-c", code],
            stdin=subprocess.DEVNULL, stdout=open(self.console, "wb"), stderr=subprocess.STDOUT)
        self.init = until("the machine's first process", self._first_child, BOOT_S)
        until("systemd", self._booted, BOOT_S, pause=0.2)

    def _first_child(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the machine didn't boot: {self.console.read_text()}")
        words = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(words[0]) if words else None

    def _booted(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the machine didn't boot: {self.console.read_text()}")
        # Until systemd is process 1 there, what is entered is still the host's root.
        if pathlib.Path(f"/proc/{self.init}/comm").read_text().strip() != "systemd":
            return False
        state = self.run("systemctl", "is-system-running", check=False).strip()
        return state in ("running", "degraded")

    def _enter(self):
        return ["nsenter", "-t", str(self.init), *SPACES, "--root", "--", "env", "--chdir=/"]

    def run(self, *command, check=True, timeout=60):
        return run(*self._enter(), *command, check=check, timeout=timeout,
                   env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", "LC_ALL": "C", "HOME": "/root",
                        "DEBIAN_FRONTEND": "noninteractive"})

    def path(self, name):
        """A file of the machine, seen from here."""
        return pathlib.Path(f"/proc/{self.init}/root{name}")

    def off(self):
        if self.process.poll() is None:
            os.kill(self.init, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.base, ignore_errors=True)
        self.console.unlink(missing_ok=True)
