"""Two of five nodes die at once, the DC among them: fenced, recovered, never active twice; both come back."""
import unittest

from quorate_lab.case import RECOVERY_S, LabCase, say, time, until


class FiveNodes(LabCase):
    plan = {"nodes": 5}

    def test_two_of_five_are_killed_at_once_the_dc_among_them(self):
        before, events = self.switched(), len(self.events())
        holders = self.lab.holders()
        first = self.dc()
        # The other one runs something, unless the DC runs everything.
        second = next((on[0] for on in holders.values() if on[0] != first),
                      next(name for name in self.names if name != first))
        victims = {first, second}
        survivors = [name for name in self.names if name not in victims]
        lost = [name for name, on in holders.items() if on[0] in victims]
        self.assertTrue(lost, "something ran there")
        kept = {name: on for name, on in holders.items() if on[0] not in victims}
        begin = time.monotonic()
        self.lab.nodes[first].power_off()
        self.lab.nodes[second].power_off()
        until(f"both power switches to be used: {sorted(victims)}",
              lambda: all(self.switched()[victim] > before[victim] for victim in victims), RECOVERY_S)
        fenced = time.monotonic() - begin

        def recovered():
            now = self.lab.holders()
            return all(name in now for name in lost)
        until(f"recovery of {lost}", recovered, RECOVERY_S, pause=0.01)
        back = time.monotonic() - begin
        now = self.lab.holders()
        self.assertEqual({name: now.get(name) for name in kept}, kept, "what ran on the others runs on")
        self.settled(through=survivors[0])
        say(f"{first} (DC) and {second} killed: fenced after {fenced:.1f} s, {len(lost)} resources back after "
            f"{back:.1f} s, both members again after {time.monotonic() - begin:.1f} s")
        self.assertEqual(self.switched(), {name: before[name] + (name in victims) for name in self.names},
                         "each of the two is fenced once, nobody else")
        self.assertGreaterEqual(len(self.events()) - events, len([name for name in lost if name != "address"]))
        self.assertIn(self.dc(), survivors, "the DC is one of those that stayed")


if __name__ == "__main__":
    unittest.main()
