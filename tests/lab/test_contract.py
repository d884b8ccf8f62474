"""The cluster layer's contract on corosync, by the same tests as on the local layer."""
import os
import pathlib
import subprocess
import time
import unittest

from quorate_lab.case import say
from quorate_lab.cluster import Lab, missing
from quorate_lab.layout import Plan

HERE = pathlib.Path(__file__).resolve().parent


class Contract(unittest.TestCase):
    def test_the_corosync_layer_keeps_the_contract(self):
        reason = missing()
        if reason:
            self.skipTest(reason)
        plan = Plan(name=os.environ.get("QUORATE_LAB_NAME", f"contract-{os.getpid()}"), manager="none", token_ms=1000)
        program = pathlib.Path(plan.build) / "tests/lab_contract"
        self.assertTrue(program.exists(), f"{program} isn't built")
        lab = Lab(plan)
        self.addCleanup(lab.down)
        lab.up()
        begin = time.monotonic()
        done = subprocess.run([program], env=dict(os.environ, QUORATE_LAB=f"{HERE}/lab --name {plan.name}",
                                                  QUORATE_LAB_FOLDER=str(plan.folder)),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        say(f"{done.stdout.strip().splitlines()[-1]} in {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    unittest.main()
