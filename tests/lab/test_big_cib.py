"""A CIB of 100 MB, 10 MB of it configuration, and changes of 10 MB: a node's failure meanwhile is handled, corosync and
the daemons' main loops aren't held up. Too long for CI: run_tests.py test_big_cib runs it."""
import os
import re
import unittest

from quorate_lab import big, logs
from quorate_lab.case import RECOVERY_S, LabCase, cib, say, time, until

CONFIGURATION = int(os.environ.get("QUORATE_LAB_CONFIGURATION", "10000000"))
STATUS = int(os.environ.get("QUORATE_LAB_STATUS", "90000000"))
KIND = os.environ.get("QUORATE_LAB_VALUES", "long")
SLICE = 10_000_000
HANDLED_S = float(os.environ.get("QUORATE_LAB_HANDLED_S", "1"))
WAIT_S = 300


class BigCib(LabCase):
    plan = {"token_ms": 1000}

    @classmethod
    def bring_up(cls):
        super().bring_up()
        cls.through = cls.lab.nodes[cls.lab.plan.names[0]]
        begin = time.monotonic()
        states = big.states(STATUS, KIND, "a")
        for first in range(0, len(states), SLICE // big.STATE_BYTES):
            cls.change("status", "".join(states[first:first + SLICE // big.STATE_BYTES]))
        cls.change("resources", big.templates(CONFIGURATION, KIND, "a"))
        cls.lab.until_idle(timeout=WAIT_S)
        text = cls.through.run("cibadmin", "-Q", timeout=WAIT_S)
        say(f"a CIB of {len(text) / 1e6:.0f} MB, idle after {time.monotonic() - begin:.0f} s")

    @classmethod
    def write(cls, section, content):
        path = cls.shared / f"{section}.xml"
        path.write_text(f"<{section}>{content}</{section}>")
        return ["cibadmin", "--modify", "--allow-create", "--scope", section, "--xml-file", str(path)]

    @classmethod
    def change(cls, section, content):
        cls.through.run(*cls.write(section, content), timeout=WAIT_S)

    def log_lines(self, name, pattern):
        """(seconds since 1970, line) of what a node's log says since the test began."""
        found = []
        for line in logs.since(self.lab.plan.file(name) / "log/manager.log", self.began):
            if re.search(pattern, line):
                found.append((logs.when(line), line))
        return found

    def told_by_corosync(self, name, what):
        return (self.lab.plan.file(name) / "log/corosync.log").read_text(errors="replace").count(what)

    def memberships(self):
        """How many memberships corosync has told of, on each node."""
        return {name: self.told_by_corosync(name, "A new membership") for name in self.names}

    def survivors(self, victim):
        return [name for name in self.names if name != victim]

    def kill(self, victim):
        """Until corosync misses the node; two seconds later it tells of the loss. The node whose token timer fires
        first says so, the others hear it from that one and don't."""
        def missed():
            return sum(self.told_by_corosync(name, "A processor failed") for name in self.survivors(victim))
        before = missed()
        self.lab.nodes[victim].power_off()
        until("corosync to miss it", lambda: missed() > before, 10, pause=0.01)

    def told_of_loss(self, victim):
        """When the first survivor's membership callback told it that the node isn't there any more."""
        return min(moment for name in self.survivors(victim)
                   for moment, _ in self.log_lines(name, f"(Cluster node {victim} is now lost|"
                                                         f"Node {victim} is no longer a peer)")[:1])

    def time_to_fencing(self, victim):
        """From when a survivor was told of the loss until the DC, whoever that is by then, asked for fencing."""
        told = self.told_of_loss(victim)
        asked, dc = min((moment, name) for name in self.survivors(victim) for moment, _ in
                        self.log_lines(name, f"Requesting fencing .* targeting node {victim}")[:1])
        say(f"fencing was asked for {asked - told:.2f} s after the loss was told, by {dc}")
        return asked - told

    def say_how_long_loops_were_away(self):
        longest = {}
        for name in self.names:
            for _, line in self.log_lines(name, "was busy for"):
                match = re.search(r"(quorate-\w+)\[\d+\] info: was busy for (\d+) ms", line)
                longest[match[1]] = max(longest.get(match[1], 0), int(match[2]))
        say("main loops away at most: " +
            (", ".join(f"{daemon} {ms} ms" for daemon, ms in sorted(longest.items())) or "under 100 ms"))


    def test_1_changes_of_10_mb_dont_disturb_the_membership(self):
        members = self.memberships()
        times = []
        for mark in "bcd":
            begin = time.monotonic()
            self.change("resources", big.templates(CONFIGURATION, KIND, mark))
            times.append(time.monotonic() - begin)
        self.lab.until_idle(timeout=WAIT_S)
        say(f"changes of {CONFIGURATION / 1e6:.0f} MB took {', '.join(f'{took:.1f}' for took in times)} s")
        self.say_how_long_loops_were_away()
        self.assertEqual(self.memberships(), members, "corosync reports no membership change")

    def test_2_a_node_fails_while_a_change_of_10_mb_is_applied(self):
        self.settled(timeout=WAIT_S)
        dc = self.dc()
        victim = next(name for name in self.names if name not in (dc, self.names[0]))
        command = self.write("resources", big.templates(CONFIGURATION, KIND, "e"))
        before, members = self.switched()[victim], self.memberships()
        self.kill(victim)
        time.sleep(1)  # the loss is told in the middle of it
        begin = time.time()
        change = self.through.open(*command)
        self.assertEqual(change.wait(WAIT_S), 0)
        end = time.time()
        until(f"fencing of {victim}", lambda: self.switched()[victim] > before, RECOVERY_S)
        took = self.time_to_fencing(victim)
        told = self.told_of_loss(victim)
        say(f"the change took {end - begin:.2f} s, the loss was told {told - begin:.2f} s after its begin")
        self.settled(timeout=WAIT_S)
        self.say_how_long_loops_were_away()
        self.assertEqual(self.memberships()[dc], members[dc] + 2, "one left, it came back, nothing else")
        self.assertTrue(begin < told < end, "the loss was told while the change was made")
        self.assertLess(took, HANDLED_S)

    def test_3_a_node_fails_while_a_joiner_is_sent_the_document(self):
        """The joiner is a node whose CIB service has just been killed: it comes back with what is on its disk."""
        self.settled(timeout=WAIT_S)
        dc = self.dc()
        joiner = next(name for name in self.names if name != dc)
        victim = next(name for name in self.names if name not in (dc, joiner))
        before, members = self.switched()[victim], self.memberships()
        self.kill(victim)
        node = self.lab.nodes[joiner]
        node.signal(node.pid_of("quorate-cib"), 9)
        until(f"fencing of {victim}", lambda: self.switched()[victim] > before, RECOVERY_S)
        took = self.time_to_fencing(victim)
        self.settled(timeout=WAIT_S)
        self.say_how_long_loops_were_away()
        self.assertEqual(self.memberships()[dc], members[dc] + 2, "one left, it came back, nothing else")
        self.assertLess(took, HANDLED_S)


if __name__ == "__main__":
    unittest.main()
