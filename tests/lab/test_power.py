"""Power switches that fail, machines that are stopped and started."""
import threading
import unittest

from quorate_lab.case import RECOVERY_S, Failed, LabCase, say, time, until


class Power(LabCase):
    def failing_switch(self, break_it, mend):
        victim = next(name for name in self.names if name != self.dc() and
                      any(name in on for on in self.lab.holders().values()))
        others = [name for name in self.names if name != victim]
        lost = {name for name, on in self.lab.holders().items() if victim in on}
        node, bmc = self.lab.nodes[victim], self.lab.bmcs[victim]
        break_it(bmc)
        try:
            node.power_off()
            survivor = self.lab.nodes[others[0]]
            attempts = lambda: survivor.run("stonith_admin", "--history", victim, "-V", check=False).count("failed")
            begin = time.monotonic()
            until(f"a failed attempt to fence {victim} to be shown", lambda: attempts() >= 1, 2 * RECOVERY_S)
            say(f"{victim} killed: a failed attempt to fence it shown after {time.monotonic() - begin:.1f} s")
            self.assertIn(victim, self.lab.status(others[0]).unclean)
            self.assertFalse(lost & set(self.lab.holders()), "nothing is started before the node is known to be off")
            begin = time.monotonic()
            self.lab.nodes[others[0]].run("stonith_admin", "--confirm", victim)
            until(f"recovery of {lost}", lambda: lost <= set(self.lab.holders()), RECOVERY_S)
            say(f"{lost or 'nothing'} back {time.monotonic() - begin:.1f} s after stonith_admin --confirm")
        finally:
            mend(bmc)
        node.power_on()
        self.settled()

    def test_1_a_power_switch_that_refuses(self):
        self.failing_switch(lambda bmc: bmc.refuse(True), lambda bmc: bmc.refuse(False))

    def test_2_a_power_switch_that_does_not_answer(self):
        self.failing_switch(lambda bmc: bmc.answer(False), lambda bmc: bmc.answer(True))

    def test_3_a_power_switch_that_is_late(self):
        victim = next(name for name in self.names if name != self.dc())
        before = self.switched()
        begin = time.monotonic()
        self.lab.bmcs[victim].late(4)
        try:
            self.lab.nodes[victim].power_off()
            until(f"fencing of {victim}", lambda: self.switched()[victim] > before[victim], RECOVERY_S)
            say(f"{victim} fenced after {time.monotonic() - begin:.1f} s, its switch taking 4 s for each command")
            self.settled()
        finally:
            self.lab.bmcs[victim].late(0)
        # A command that isn't answered in time is sent again: the switch may switch on twice.
        self.assertEqual({**self.switched(), victim: 0}, {**before, victim: 0}, "nobody else is fenced")

    def test_4_one_node_is_stopped_in_order_and_comes_back(self):
        before = self.switched()
        for name in (next(n for n in self.names if n != self.dc()), self.dc()):
            begin = time.monotonic()
            self.lab.nodes[name].shut_down()
            stopped = time.monotonic() - begin
            others = [other for other in self.names if other != name]
            self.settled(others, through=others[0])
            self.lab.nodes[name].power_on()
            self.settled()
            say(f"{name} stopped in {stopped:.1f} s, resources elsewhere, back after {time.monotonic() - begin:.1f} s")
        self.assertEqual(self.switched(), before, "nobody is fenced")

    def test_5_all_are_stopped_and_start_with_one_missing(self):
        before = self.switched()
        begin = time.monotonic()
        stops = [threading.Thread(target=node.shut_down) for node in self.lab.nodes.values()]
        for stop in stops:
            stop.start()
        for stop in stops:
            stop.join()
        say(f"all stopped in {time.monotonic() - begin:.1f} s")
        self.assertEqual(self.switched(), before, "nobody is fenced")
        begin = time.monotonic()
        missing, *present = self.names
        self.lab.power_on(present)
        until(f"fencing of {missing}, which is missing", lambda: self.switched()[missing] > before[missing],
              RECOVERY_S)
        fenced = time.monotonic() - begin
        self.assertGreater(fenced, 20, "held back until dc-deadtime")
        self.settled()
        say(f"started without {missing}: it was fenced after {fenced:.1f} s, idle with it after "
            f"{time.monotonic() - begin:.1f} s")

    def test_6_one_node_has_a_damaged_configuration(self):
        name = next(n for n in self.names if n != self.dc())
        node = self.lab.nodes[name]
        node.run("sh", "-c", "cp -r /mnt/pacemaker/cib /run/cib-copy; for f in /mnt/pacemaker/cib/cib*.xml; do "
                             "head -c 300 $f > $f.new; mv $f.new $f; done; sync")
        copy = node.lose_power()
        node.replace_disk(copy)
        node.power_on()
        self.settled(through=name)  # its own word: the others may not have noticed its absence
        self.assertRegex(node.log(), "damaged|can't be used|unreadable|digest")

    def option(self, through, name):
        try:
            return self.lab.nodes[through].run("crm_attribute", "-t", "crm_config", "-n", name, "-G", "-q").strip()
        except Failed:
            return None

    def test_7_one_node_has_an_old_configuration_then_a_newer_one(self):
        before = self.switched()
        name = next(n for n in self.names if n != self.dc())
        other = next(n for n in self.names if n != name)
        self.lab.nodes[name].run("crm_standby", "-N", name, "-v", "on")
        self.settled()
        self.lab.nodes[name].shut_down()
        self.lab.nodes[other].run("crm_attribute", "-t", "crm_config", "-n", "lab-age", "-v", "new")
        self.lab.nodes[name].power_on()
        self.settled(through=name)
        self.assertEqual(self.option(name, "lab-age"), "new")

        # And one with a newer configuration than the running cluster: it wins, the status stays.
        self.lab.nodes[name].shut_down()
        self.lab.nodes[name].edit_disk(
            "cd pacemaker/cib; rm -f cib.xml.* replica.state cib.latest.*; "
            "sed -i 's/admin_epoch=\"0\"/admin_epoch=\"7\"/; s/value=\"new\"/value=\"newer\"/' cib.xml")
        events = self.events()
        self.lab.nodes[name].power_on()
        self.settled(through=name)
        for node in self.names:
            self.assertEqual(self.option(node, "lab-age"), "newer")
        self.assertEqual(self.events(), events, "no resource restarts")
        self.assertEqual(self.switched(), before, "nobody is fenced")
        self.lab.nodes[name].run("crm_standby", "-N", name, "-v", "off")
        self.settled()


if __name__ == "__main__":
    unittest.main()
