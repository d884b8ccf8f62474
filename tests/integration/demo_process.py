"""A running `quorate demo`, and the frame of the tests that use one."""
import os, shutil, signal, subprocess, sys, tempfile, threading, time

BIN = os.path.abspath(sys.argv[1])
WITHIN_S = 60


class Failure(Exception):
    pass


def check(holds, what):
    if not holds:
        raise Failure(what)


def processes_of(folder):
    """Processes that were started with something in the folder, by environment or arguments."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            environment = open(f"/proc/{pid}/environ", "rb").read()
            arguments = open(f"/proc/{pid}/cmdline", "rb").read()
            state = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state != "Z" and f"{folder}/quorate-demo.".encode() in environment + arguments:
            found[int(pid)] = arguments.replace(b"\0", b" ").decode()
    return found


class Demo:
    """A running demo with a TMPDIR of its own."""

    def __init__(self, *arguments, folder=None):
        self.own_folder = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix="demo-test.")
        self.output = ""
        self.changed = threading.Condition()
        # A session of its own, as a shell makes a process group for it: Ctrl-C reaches all of it.
        self.process = subprocess.Popen(
            [f"{BIN}/quorate", "demo", *arguments], env=dict(os.environ, TMPDIR=self.folder),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        for pid in processes_of(self.folder):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def read(self):
        for piece in iter(lambda: os.read(self.process.stdout.fileno(), 4096), b""):
            with self.changed:
                self.output += piece.decode()
                self.changed.notify_all()

    def wait_for(self, words):
        with self.changed:
            arrived = self.changed.wait_for(lambda: words in self.output, WITHIN_S)
        check(arrived, f"no {words!r} in:\n{self.output}")

    def interrupt(self):
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self):
        try:
            status = self.process.wait(WITHIN_S)
        except subprocess.TimeoutExpired:
            raise Failure(f"doesn't end; output:\n{self.output}") from None
        self.reader.join(5)
        return status

    def janitor(self):
        """The process that would clean up: the one child with a session of its own."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], stdout=subprocess.PIPE,
                                  text=True, check=False).stdout.split()
        for pid in map(int, children):
            try:
                if os.getsid(pid) == pid:
                    return pid
            except ProcessLookupError:
                pass
        raise Failure(f"no janitor among {children}")

    def leaves_nothing(self, within_s=0.0):
        end = time.monotonic() + within_s
        while True:
            left = [name for name in os.listdir(self.folder) if name.startswith("quorate-demo.")]
            running = processes_of(self.folder)
            if not left and not running:
                return
            check(time.monotonic() < end, f"left: {left} {running}; output:\n{self.output}")
            time.sleep(0.02)


def main(tests):
    """Runs the tests, or those named on the command line behind the folder of the programs."""
    wanted = sys.argv[2:]
    failed = 0
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        start = time.monotonic()
        try:
            test()
            print(f"ok      {test.__name__} ({time.monotonic() - start:.1f} s)", flush=True)
        except (Failure, OSError, ValueError, subprocess.TimeoutExpired) as failure:
            failed += 1
            print(f"FAILED  {test.__name__}: {failure}", flush=True)
    return 1 if failed else 0
