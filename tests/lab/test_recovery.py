"""Machines, daemons and networks that fail: fenced, recovered, never active twice."""
import signal
import unittest

from quorate_lab.case import RECOVERY_S, LabCase, say, time, until

# The attribute manager first: with it its node's transient attributes go (spec/10 §8), with no other.
DAEMONS = ("quorate-attributes", "quorate-cib", "quorate-controller", "quorate-scheduler", "quorate-executor",
           "quorate-fencer")
WORKS_AGAIN_S = 5
HUNG_WORKS_AGAIN_S = 15


class Recovery(LabCase):
    marks = {}  # what each node's attribute lab-mark is

    def kill_and_recover(self, victim):
        holders = self.lab.holders()
        lost = [name for name, on in holders.items() if victim in on]
        before = self.switched()[victim]
        begin = time.monotonic()
        self.lab.nodes[victim].power_off()
        until(f"the power switch of {victim} to be used", lambda: self.switched()[victim] > before, RECOVERY_S)
        fenced = time.monotonic() - begin

        def moved():
            now = self.lab.holders()
            return all(now.get(name) not in (None, [victim]) for name in lost)
        until(f"recovery of {lost}", moved, RECOVERY_S, pause=0.01)
        recovered = time.monotonic() - begin
        self.settled()
        say(f"{victim}: fenced after {fenced:.1f} s, {len(lost)} resources back after {recovered:.1f} s, "
            f"a member again after {time.monotonic() - begin:.1f} s")
        self.assertEqual(self.switched()[victim], before + 1)

    def test_1_each_node_is_killed_in_turn(self):
        others = [name for name in self.names if name != self.dc()]
        for victim in others:
            self.kill_and_recover(victim)
        self.kill_and_recover(self.dc())

    def test_2_each_daemon_is_killed_on_each_node(self):
        through = self.names[0]
        before, events = self.switched(), self.events()
        worst = 0.0
        for name in [*[n for n in self.names if n != self.dc()], self.dc()]:
            node = self.lab.nodes[name]
            for daemon in DAEMONS:
                killed = node.pid_of(daemon)
                self.assertIsNotNone(killed, f"{daemon} runs on {name}")
                begin = time.monotonic()
                node.signal(killed, signal.SIGKILL)
                until(f"{daemon} on {name} to be started again", lambda: node.pid_of(daemon) not in (None, killed),
                      WORKS_AGAIN_S)
                self.lab.until_idle(timeout=WORKS_AGAIN_S + 5, through=name)
                took = time.monotonic() - begin
                worst = max(worst, took)
                self.assertLess(took, WORKS_AGAIN_S, f"{daemon} on {name} works again")
                if daemon == "quorate-attributes":
                    node.run("crm_attribute", "-N", name, "-l", "reboot", "-n", "lab-mark", "-v", name)
        say(f"{len(self.names) * len(DAEMONS)} kills, slowest: works again after {worst:.2f} s")
        self.assertEqual(self.switched(), before, "nobody is fenced")
        self.assertEqual(self.events(), events, "no resource restarts")
        for name in self.names:
            self.assertEqual(self.attribute(name, through), name, f"the attribute of {name} is still there")

    def test_3_each_daemon_hangs_on_each_node(self):
        """Three at a time, another one on each node; whatever hangs is killed by the launcher and started again."""
        before, events = self.switched(), self.events()
        worst = 0.0
        for turn in range(len(DAEMONS)):
            begin = time.monotonic()
            hung = {}
            for number, name in enumerate(self.names):
                daemon = DAEMONS[(turn + 2 * number) % len(DAEMONS)]
                hung[name] = (daemon, self.lab.nodes[name].pid_of(daemon))
                self.lab.nodes[name].signal(hung[name][1], signal.SIGSTOP)
            for name, (daemon, pid) in hung.items():
                until(f"{daemon} on {name} to be started again",
                      lambda: self.lab.nodes[name].pid_of(daemon) not in (None, pid), HUNG_WORKS_AGAIN_S)
            self.lab.until_idle(timeout=HUNG_WORKS_AGAIN_S, through=self.names[turn % len(self.names)])
            took = time.monotonic() - begin
            worst = max(worst, took)
            self.assertLess(took, HUNG_WORKS_AGAIN_S, f"{hung} work again")
            for name, (daemon, _) in hung.items():
                if daemon == "quorate-attributes":
                    self.lab.nodes[name].run("crm_attribute", "-N", name, "-l", "reboot", "-n", "lab-mark", "-v",
                                             f"{name}-{turn}")
                    self.marks[name] = f"{name}-{turn}"
        say(f"{len(self.names) * len(DAEMONS)} daemons hung, slowest: works again after {worst:.2f} s")
        self.assertEqual(self.switched(), before, "nobody is fenced")
        self.assertEqual(self.events(), events, "no resource restarts")
        for name in self.names:
            self.assertEqual(self.attribute(name, self.names[0]), self.marks[name], f"the attribute of {name}")

    def launchers_fail(self, number, limit_s):
        """One after the other; what is left of each node goes on, and another launcher adopts it."""
        before, events = self.switched(), self.events()
        worst = 0.0
        for name in self.names:
            node = self.lab.nodes[name]
            pids = {daemon: node.pid_of(daemon) for daemon in DAEMONS}
            failed = node.pid_of("quorated")
            begin = time.monotonic()
            node.signal(failed, number)
            until("another launcher", lambda: node.pid_of("quorated") not in (None, failed), limit_s)
            self.lab.until_idle(timeout=limit_s, through=name)
            worst = max(worst, time.monotonic() - begin)
            self.assertEqual({daemon: node.pid_of(daemon) for daemon in DAEMONS}, pids)
        say(f"slowest: works again after {worst:.2f} s")
        self.assertLess(worst, limit_s)
        self.assertEqual(self.switched(), before, "nobody is fenced")
        self.assertEqual(self.events(), events, "no resource restarts")

    def test_4_the_launcher_is_killed_and_adopts_its_daemons(self):
        self.launchers_fail(signal.SIGKILL, WORKS_AGAIN_S)

    def test_4b_the_launcher_hangs(self):
        self.launchers_fail(signal.SIGSTOP, HUNG_WORKS_AGAIN_S)

    def test_5_a_node_is_cut_off_the_network(self):
        victim = next(name for name in self.names if name != self.dc())
        before = self.switched()[victim]
        begin = time.monotonic()
        self.lab.network.cut(victim)
        others = [name for name in self.names if name != victim]
        until(f"fencing of {victim}", lambda: self.switched()[victim] > before, RECOVERY_S)
        fenced = time.monotonic() - begin
        self.settled(others, through=others[0])
        self.assertFalse(any(victim in on for on in self.lab.holders().values()))
        say(f"{victim} cut off: fenced after {fenced:.1f} s, recovered after {time.monotonic() - begin:.1f} s")
        self.lab.network.heal(victim)
        self.settled()
        self.assertEqual(self.switched()[victim], before + 1)

    def test_6_no_side_has_quorum(self):
        before = self.switched()
        begin = time.monotonic()
        for name in self.names:
            self.lab.network.cut(name)
        until("everything to stop", lambda: not self.lab.holders(), RECOVERY_S)
        stopped = time.monotonic() - begin
        for name in self.names:
            self.lab.network.heal(name)
        begin = time.monotonic()
        self.settled()
        say(f"all stopped {stopped:.1f} s after the cut, all active {time.monotonic() - begin:.1f} s after healing")
        self.assertEqual(self.switched(), before, "nobody is fenced")


if __name__ == "__main__":
    unittest.main()
