"""A thousand resources whose agent costs nothing: what is measured is the cluster manager."""
import unittest
import xml.etree.ElementTree as xml

from quorate_lab.case import LabCase, cib, os, say, time, until

RESOURCES = 1000
LIMIT_S = 15


class ManyResources(LabCase):
    plan = {"nodes": 3, "realtime": os.environ.get("QUORATE_LAB_REALTIME") == "yes"}

    @classmethod
    def bring_up(cls):
        cls.lab.up()
        cls.lab.load_configuration(cib.configuration(cls.lab.plan.names, ""))
        cls.lab.until_idle()

    def history(self, operation, interval, code):
        """How many operations of this kind with this result the CIB tells of."""
        text = self.lab.nodes[self.names[0]].run("cibadmin", "-Q", "--scope", "status")
        return sum(1 for entry in xml.fromstring(text).iter("lrm_rsc_op")
                   if entry.get("operation") == operation and entry.get("interval") == interval and
                   entry.get("rc-code") == code and entry.get("id", "").startswith("s"))

    def updates(self):
        root = xml.fromstring(self.lab.nodes[self.names[0]].run("cibadmin", "-Q", "--scope", "cib"))
        return int(root.get("num_updates", "0"))

    def test_a_thousand_resources_are_probed_started_and_monitored(self):
        stubs = "".join(cib.primitive(f"s{number}", "ocf:lab-compiled:Stub", interval="30s")
                        for number in range(RESOURCES))
        begin = time.monotonic()
        self.lab.load_configuration(cib.configuration(self.names, stubs))
        # The entries of the nodes were replaced, too: until the DC has written them nothing is planned.
        until("the first probe", lambda: self.history("monitor", "0", "7") > 0, 60)
        self.lab.nodes[self.names[0]].run("crm_resource", "--wait", "--timeout", "120s", timeout=130)
        until("a monitor of each", lambda: self.history("monitor", "30000", "0") == RESOURCES, 60)
        took = time.monotonic() - begin
        updates = self.updates()
        say(f"{RESOURCES} resources probed, started and monitored after {took:.1f} s; {5 * RESOURCES} results went into "
            f"the CIB in {updates} changes")
        # Where one runs its start has taken the place of the probe.
        self.assertEqual(self.history("monitor", "0", "7"), RESOURCES * (len(self.names) - 1), "probed on every node")
        self.assertEqual(self.history("start", "0", "0"), RESOURCES, "started once each")
        self.assertLess(took, LIMIT_S)
        self.assertLess(updates, 5 * RESOURCES, "results of one turn of a loop go out as one operation")

    def tearDown(self):
        say(f"took {time.monotonic() - self.begin:.1f} s")


if __name__ == "__main__":
    unittest.main()
