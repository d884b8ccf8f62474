"""Two nodes that lose each other: exactly one survives."""
import os
import unittest

from quorate_lab.case import RECOVERY_S, LabCase, say, time, until

ROUNDS = int(os.environ.get("QUORATE_LAB_ROUNDS", "2"))


class TwoNodes(LabCase):
    """two_node mode; fencing of node1 is delayed, so node1 wins."""
    plan = {"nodes": 2, "two_node": True}
    delay_for = "node1"

    def test_cut_apart_exactly_one_survives(self):
        for _ in range(ROUNDS):
            before = self.switched()
            begin = time.monotonic()
            for name in self.names:
                self.lab.network.cut(name)
            until("one of them to be fenced", lambda: self.switched() != before, RECOVERY_S)
            fenced = time.monotonic() - begin
            self.settled(["node1"], through="node1")
            self.assertEqual(self.switched(), {"node1": before["node1"], "node2": before["node2"] + 1})
            for name in self.names:
                self.lab.network.heal(name)
            self.settled()
            self.assertEqual(self.switched()["node1"], before["node1"])
            say(f"node2 was fenced after {fenced:.1f} s, both are back after {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    unittest.main()
