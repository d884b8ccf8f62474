"""The Debian package on a machine that boots systemd: installed, started, upgraded, stopped and removed as an
administrator would."""
import pathlib
import shutil
import unittest

from quorate_lab.case import say, until
from quorate_lab.cluster import COROSYNC, missing
from quorate_lab.layout import default_build
from quorate_lab.run import Failed, run
from quorate_lab.systemd_machine import SystemdMachine

START_S = 60
RESOURCE = """<primitive id="dummy" class="ocf" provider="quorate" type="Dummy">
  <operations><op id="dummy-monitor" name="monitor" interval="10s"/></operations></primitive>"""


class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        reason = missing()
        absent = [name for name in ("cpack", "dpkg-shlibdeps", "apt-get", "file") if not shutil.which(name)]
        if not reason and absent:
            reason = f"the package is built and installed with {', '.join(absent)}"
        if not reason and not pathlib.Path("/lib/systemd/systemd").exists():
            reason = "there is no systemd to boot"
        if reason:
            raise unittest.SkipTest(reason)
        build = default_build()
        run("cpack", "--config", f"{build}/CPackConfig.cmake", "-B", build, timeout=300, cwd=build)
        cls.package = max(pathlib.Path(build).glob("quorate_*.deb"), key=lambda path: path.stat().st_mtime)
        cls.machine = SystemdMachine()
        cls.addClassCleanup(cls.machine.off)
        shutil.copy(cls.package, cls.machine.path("/root/"))
        nodes = "  node {\n    ring0_addr: 127.0.0.1\n    name: node1\n    nodeid: 1\n  }\n"
        cls.machine.path("/etc/corosync/corosync.conf").write_text(
            COROSYNC.format(name="package", token=1000, nodes=nodes, two_node="", count=1, realtime="yes"))

    def run_there(self, *command, **options):
        return self.machine.run(*command, **options)

    def install(self):
        self.run_there("env", "--chdir=/root", "apt-get", "install", "-q", "-y", "--no-install-recommends",
                       "--reinstall", f"./{self.package.name}", timeout=180)

    def dummy_runs(self):
        try:
            return "is running on: node1" in self.run_there("crm_resource", "--locate", "-r", "dummy")
        except Failed:
            return False

    def daemon(self, name):
        words = self.run_there("pidof", name, check=False).split()
        return int(words[0]) if words else None

    def unit_state(self, unit):
        return self.run_there("systemctl", "is-active", unit, check=False).strip()

    def events(self):
        """What agents did so far, as the log has it."""
        lines = self.machine.path("/var/log/pacemaker/pacemaker.log").read_text().splitlines()
        return [line for line in lines if "executing - rsc:dummy action:st" in line]

    def test_life_of_an_installation(self):
        self.install()
        self.assertEqual(self.unit_state("quorate"), "inactive")
        self.run_there("systemctl", "start", "quorate", timeout=START_S)
        self.assertEqual(self.unit_state("corosync"), "active")
        self.assertEqual(self.unit_state("quorate"), "active")
        self.run_there("crm_attribute", "-n", "stonith-enabled", "-v", "false")
        self.run_there("cibadmin", "-C", "-o", "resources", "--xml-text", RESOURCE)
        until("the resource", self.dummy_runs, 30)
        say("installed, started, a resource runs")

        # Names that front ends use.
        for unit in ("quorate", "pacemaker"):
            self.assertEqual(self.unit_state(unit), "active")
            self.run_there("systemctl", "enable", unit)
        self.run_there("systemctl", "stop", "pacemaker", timeout=START_S)
        self.assertEqual(self.unit_state("quorate"), "inactive")
        self.assertIsNone(self.daemon("quorate-cib"))
        self.run_there("systemctl", "start", "pacemaker", timeout=START_S)
        self.assertEqual(self.unit_state("quorate"), "active")
        until("the resource after a stop and a start by the former name", self.dummy_runs, 30)
        self.assertTrue(self.run_there("pacemakerd", "--version").startswith("Pacemaker 3."))
        self.assertEqual(self.run_there("stat", "-c", "%U:%G %a", "/var/lib/pacemaker/cib").strip(),
                         "hacluster:haclient 750")
        self.assertIn("node1", self.run_there("crm_mon", "-1"))

        # quorated dies: systemd starts it again and it adopts what runs.
        before = {name: self.daemon(name) for name in ("quorate-cib", "quorate-controller", "quorate-executor")}
        launcher = self.daemon("quorated")
        starts = len(self.events())
        self.run_there("kill", "-KILL", str(launcher))
        until("another quorated", lambda: self.daemon("quorated") not in (None, launcher), 30)
        until("the unit", lambda: self.unit_state("quorate") == "active", 30)
        self.assertEqual({name: self.daemon(name) for name in before}, before)
        self.assertEqual(len(self.events()), starts)
        self.assertEqual(self.unit_state("pacemaker"), "active")
        say("quorated killed: started again by systemd, daemons adopted, the resource left alone")

        # An upgrade leaves everything running; a restart is the administrator's.
        self.install()
        self.assertEqual({name: self.daemon(name) for name in before}, before)
        self.assertTrue(self.dummy_runs())
        self.run_there("systemctl", "restart", "quorate", timeout=START_S)
        until("the resource after a restart", self.dummy_runs, 60)
        self.assertNotEqual(self.daemon("quorate-cib"), before["quorate-cib"])
        say("upgraded and restarted, the configuration is as it was")

        # Corosync takes its user down first, in order.
        self.run_there("systemctl", "stop", "corosync", timeout=START_S)
        self.assertEqual(self.unit_state("quorate"), "inactive")
        self.assertIsNone(self.daemon("quorate-cib"))
        self.assertIn("action:stop", self.events()[-1])
        self.run_there("systemctl", "start", "quorate", timeout=START_S)
        until("the resource after a stop of both", self.dummy_runs, 60)

        self.run_there("apt-get", "remove", "-q", "-y", "quorate", timeout=120)
        self.assertIsNone(self.daemon("quorated"))
        self.assertTrue(self.machine.path("/var/lib/pacemaker/cib/cib.xml").exists())
        self.run_there("apt-get", "purge", "-q", "-y", "quorate", timeout=120)
        self.assertFalse(self.machine.path("/var/lib/pacemaker").exists())
        say("stopped, removed, purged")


if __name__ == "__main__":
    unittest.main()
