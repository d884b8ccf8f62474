"""The whole cluster loses power while clients change its configuration: what was acknowledged as durable is there."""
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import unittest

from quorate_lab.case import LabCase, say, time, until

LOSSES = int(os.environ.get("QUORATE_LAB_LOSSES", "8"))
SEED = int(os.environ.get("QUORATE_LAB_SEED", "1"))


class Client(threading.Thread):
    """Makes durable changes in a loop through one node and keeps what was acknowledged as durable."""

    def __init__(self, node, prefix):
        super().__init__(daemon=True)
        self.node, self.prefix = node, prefix
        self.number = self.first = self.durable = 0
        self.ending = False

    def run(self):
        self.first = self.number
        while not self.ending:
            self.number += 1
            number = self.number
            xml = f'<nvpair id="{self.prefix}" name="{self.prefix}" value="{number}"/>'
            command = ["cibadmin", "--modify", "--allow-create", "--scope", "crm_config", "--xml-text",
                       f'<cluster_property_set id="cib-bootstrap-options">{xml}</cluster_property_set>']
            try:
                process = self.node.open(*command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                said = process.communicate(timeout=30)[1]
            except (OSError, ValueError, subprocess.TimeoutExpired):
                return
            if process.returncode == 0 and "superseded" not in said:
                self.durable = number


class PowerLoss(LabCase):
    """Nothing but the CIB, so that a loss takes seconds."""
    plan = {"token_ms": 1000}
    build = None

    @classmethod
    def bring_up(cls):
        begin = time.monotonic()
        if cls.build:
            cls.lab.plan.build = str(cls.build())
        cls.lab.up()
        say(f"lab of {cls.lab.plan.nodes} nodes up in {time.monotonic() - begin:.1f} s")

    def value(self, name):
        """Of an option, as the cluster has it; 0 without."""
        text = self.lab.nodes[self.names[0]].run("cibadmin", "-Q", "--scope", "crm_config")
        found = [line.split('value="')[1].split('"')[0] for line in text.splitlines() if f'name="{name}"' in line]
        return int(found[0]) if found else 0

    def lose_power(self, chance, turn):
        """How many changes were acknowledged as durable, and how many of them are missing afterwards."""
        clients = [Client(self.lab.nodes[name], f"loss-{turn % 10}-{name}") for name in self.names[:2]]
        for client in clients:
            client.number = self.value(client.prefix)
            client.start()
        until("changes", lambda: all(client.durable for client in clients), 30, pause=0.003)
        time.sleep(chance.uniform(0, 1.5))
        self.lab.lose_power()
        for client in clients:
            client.ending = True
        for client in clients:
            client.join(40)
        self.lab.until_status("all online with a DC", lambda status: status.dc and status.online == set(self.names), 60)
        lost = [f"{client.prefix}: {client.durable} acknowledged, {self.value(client.prefix)} there"
                for client in clients if self.value(client.prefix) < client.durable]
        return sum(client.durable - client.first for client in clients), lost

    def test_nothing_acknowledged_is_missing(self):
        chance = random.Random(SEED)
        made = 0
        for turn in range(LOSSES):
            number, lost = self.lose_power(chance, turn)
            made += number
            self.assertEqual(lost, [], f"in loss {turn + 1}")
            if (turn + 1) % 20 == 0:
                say(f"{turn + 1} losses, {made} changes reported as durable, none missing")
        say(f"{LOSSES} losses of all power, {made} changes reported as durable, none missing")


class PowerLossUnsynced(PowerLoss):
    """The same with a CIB service that syncs nothing: what it acknowledged is missing."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="quorate-unsynced-", dir="/var/tmp"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        super().setUpClass()

    @classmethod
    def build(cls):
        """A build folder whose CIB service is the one that doesn't sync."""
        build = pathlib.Path(cls.lab.plan.build)
        shutil.copytree(build / "bin", cls.folder / "bin")
        (cls.folder / "lib").symlink_to(build / "lib")
        shutil.copy(build / "tests/unsynced/quorate-cib", cls.folder / "bin/quorate-cib")
        return cls.folder

    def test_nothing_acknowledged_is_missing(self):
        chance = random.Random(SEED)
        for turn in range(10):
            _, lost = self.lose_power(chance, turn)
            if lost:
                return say(f"without fsync: missing after {turn + 1} losses: {'; '.join(lost)}")
        self.fail("nothing was missing although nothing was synced: this test would notice no loss")


if __name__ == "__main__":
    unittest.main()
