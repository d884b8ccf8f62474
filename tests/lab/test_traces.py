"""What real corosync tells processes under cuts, kills and power loss, replayed against the simulator's model of it."""
import os
import pathlib
import random
import subprocess
import time
import unittest

from quorate_lab.case import say, until
from quorate_lab.cluster import Lab, missing
from quorate_lab.layout import Plan

NODES = 4
FAULTS = int(os.environ.get("QUORATE_LAB_FAULTS", "6"))


class Traces(unittest.TestCase):
    def start_recorder(self, name):
        self.started += 1
        path = self.folder / f"{name}.{self.started}"
        self.recorders[name] = (self.lab.nodes[name].open(self.plan_bin / "layer_recorder", path), path)

    def until_recording(self, name):
        """Its corosync may not be there yet: a recorder that ends at once is started again."""
        def recording():
            process, path = self.recorders[name]
            if process.poll() is not None:
                self.start_recorder(name)
                return False
            return path.exists() and "\nview " in path.read_text()
        until(f"a recorder on {name}", recording, 60, pause=0.3)

    def end_recorder(self, name):
        process, _ = self.recorders.pop(name)
        process.kill()
        process.wait()

    def fault(self, choice, node):
        """One thing that happens to the cluster."""
        lab = self.lab
        if choice == "cut":
            lab.network.cut(node)
        elif choice == "apart":
            lab.network.separate(self.random.sample(lab.plan.names, NODES // 2))
        elif choice == "process":
            process = lab.nodes[node].pid_of("layer_recorder")
            lab.nodes[node].signal(process, 9)
            self.recorders.pop(node)[0].wait()
            self.start_recorder(node)
        elif choice == "node":
            lab.nodes[node].power_off()
            self.recorders.pop(node)[0].wait()
            time.sleep(self.random.uniform(0, 3))
            lab.nodes[node].power_on()
            self.start_recorder(node)

    def test_the_model_accepts_what_corosync_told(self):
        reason = missing()
        if reason:
            self.skipTest(reason)
        plan = Plan(name=os.environ.get("QUORATE_LAB_NAME", f"traces-{os.getpid()}"), nodes=NODES, manager="none",
                    token_ms=1000)
        self.plan_bin = pathlib.Path(plan.build) / "tests"
        self.lab = Lab(plan)
        self.addCleanup(self.lab.down)
        self.lab.up()
        self.folder = plan.file("shared/traces")
        self.folder.mkdir()
        self.recorders, self.started = {}, 0
        seed = int(os.environ.get("QUORATE_LAB_SEED", time.time()))
        self.random = random.Random(seed)
        for name in plan.names:
            self.start_recorder(name)
        for name in plan.names:
            self.until_recording(name)
        done = []
        for _ in range(FAULTS):
            choice, node = self.random.choice(("cut", "apart", "process", "node")), self.random.choice(plan.names)
            done.append(choice)
            self.fault(choice, node)
            time.sleep(self.random.uniform(0.2, 4))
            self.lab.network.join()
            for name in plan.names:
                self.until_recording(name)
            # Sometimes the next comes before corosync is done with this one.
            time.sleep(self.random.uniform(0.2, 5))
        for name in list(self.recorders):
            self.end_recorder(name)
        files = sorted(self.folder.iterdir())
        verdict = subprocess.run([self.plan_bin / "layer_judge", *files], stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True, check=False)
        say(f"seed {seed}: {', '.join(done)}: {verdict.stdout.strip().splitlines()[-1]}")
        if verdict.returncode != 0:
            kept = pathlib.Path(plan.build) / "lab-logs" / f"traces-{seed}"
            kept.mkdir(parents=True, exist_ok=True)
            for path in files:
                (kept / path.name).write_bytes(path.read_bytes())
        self.assertEqual(verdict.returncode, 0, verdict.stdout)


if __name__ == "__main__":
    unittest.main()
