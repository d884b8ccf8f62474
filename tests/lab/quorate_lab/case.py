"""What the lab's tests share: a running lab per class, conditions every test ends with, figures."""
import os
import pathlib
import shutil
import time
import unittest

from . import cib, logs
from .cluster import Lab, missing
from .layout import Plan
from .run import Failed, run, until

RECOVERY_S = 90


def say(text):
    print(f"    {text}", flush=True)


class Result(unittest.TextTestResult):
    """Shows the nodes' logs where a test fails, while they are there."""

    def addError(self, test, err):
        self.show_logs(test)
        super().addError(test, err)

    def addFailure(self, test, err):
        self.show_logs(test)
        super().addFailure(test, err)

    @staticmethod
    def show_logs(test):
        if isinstance(test, LabCase) and test.lab.plan.folder.exists():
            logs.show(test.lab, test.began)


class LabCase(unittest.TestCase):
    """Tests of one class share a lab and leave it idle, all nodes up."""
    plan = {"nodes": 3}
    options = {}
    delay_for = None

    @classmethod
    def setUpClass(cls):
        reason = missing()
        if reason:
            raise unittest.SkipTest(reason)
        cls.lab = Lab(Plan(name=os.environ.get("QUORATE_LAB_NAME", f"test-{os.getpid()}"), **cls.plan))
        cls.addClassCleanup(cls.tear_down_lab)
        cls.began = time.time()
        try:
            cls.bring_up()
        except Exception:
            logs.show(cls.lab, cls.began)
            raise

    @classmethod
    def bring_up(cls):
        begin = time.monotonic()
        cls.lab.up()
        say(f"{cls.__name__}: lab of {cls.lab.plan.nodes} nodes up in {time.monotonic() - begin:.1f} s")
        cls.shared = cls.lab.plan.file("shared")
        cls.lab.load_configuration(cib.configuration(cls.lab.plan.names, cib.witnesses(cls.shared), cls.options,
                                                     delay_for=cls.delay_for))
        cls.lab.until_idle()
        until("all witnesses active", lambda: len(cls.lab.holders()) == 4, 30)

    @classmethod
    def tear_down_lab(cls):
        cls.save_logs()
        if os.environ.get("QUORATE_LAB_KEEP"):
            say(f"kept: {cls.lab.plan.folder}")
            return
        cls.lab.down()

    @classmethod
    def save_logs(cls):
        """Where they can be read when the lab is gone."""
        folder = pathlib.Path(cls.lab.plan.build) / "lab-logs" / cls.__name__
        shutil.rmtree(folder, ignore_errors=True)
        for name in cls.lab.plan.names:
            if cls.lab.plan.file(name).exists():
                shutil.copytree(cls.lab.plan.file(name), folder / name,
                                ignore=shutil.ignore_patterns("disk.*", "bmc*"))

    def setUp(self):
        print(f"  {self._testMethodName.removeprefix('test_').lstrip('0123456789').replace('_', ' ').strip()}",
              flush=True)
        self.begin, self.began = time.monotonic(), time.time()

    def tearDown(self):
        if self.lab.plan.folder.exists():
            self.assertEqual(self.lab.violations(), [], "a resource was active twice")
        say(f"took {time.monotonic() - self.begin:.1f} s")

    @property
    def names(self):
        return self.lab.plan.names

    def dc(self):
        return self.lab.status().dc

    def settled(self, online=None, timeout=RECOVERY_S, through=None):
        """Idle, and each witness active on exactly one machine, as the machines say."""
        self.lab.until_idle(online, timeout, through)
        return until("each witness active once",
                     lambda: self.once(self.lab.holders()), 30)

    @staticmethod
    def once(holders):
        return holders if len(holders) == 4 and all(len(on) == 1 for on in holders.values()) else None

    def switched(self):
        return {name: bmc.switched() for name, bmc in self.lab.bmcs.items()}

    def events(self):
        """What the witnesses did so far: starts and stops of all, in order."""
        lines = []
        for path in sorted(self.shared.glob("*.events")):
            lines += [f"{path.stem} {line}" for line in path.read_text().splitlines()]
        return lines

    def attribute(self, node, through):
        try:
            return self.lab.nodes[through].run("crm_attribute", "-N", node, "-l", "reboot", "-n", "lab-mark", "-G",
                                               "-q", timeout=20).strip()
        except Failed:
            return None


__all__ = ["LabCase", "Failed", "Result", "RECOVERY_S", "cib", "os", "run", "say", "until", "time"]
