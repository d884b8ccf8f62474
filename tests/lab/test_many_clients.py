"""50 clients that change things at once, 200 that read, 64 MiB of /dev/shm, and one that never reads: nothing is lost,
nobody is sent away, memory stays bounded."""
import pathlib
import re
import signal
import unittest

from quorate_lab.case import Failed, LabCase, say, time, until

WRITERS = 50
READERS = 200
LOAD_S = 30
GROWTH_MIB = 200

# Each client says what it did: "acknowledged VALUE" or "read", or "failed" with why.
WRITER = """i=0
end=$(($(date +%s) + {seconds}))
while [ $(date +%s) -lt $end ]; do
  i=$((i + 1))
  said=$(cibadmin --modify --allow-create --scope crm_config --xml-text \
    "<cluster_property_set id=\\"cib-bootstrap-options\\"><nvpair id=\\"many-$1\\" name=\\"many-$1\\" value=\\"$i\\"/>\
</cluster_property_set>" 2>&1) && echo "acknowledged $i" || echo "failed $i $said"
done > {folder}/writer-$1
"""
READER = """end=$(($(date +%s) + {seconds}))
while [ $(date +%s) -lt $end ]; do
  said=$(cibadmin -Q --scope crm_config 2>&1 >/dev/null) && echo read || echo "failed $said"
done > {folder}/reader-$1
"""


class ManyClients(LabCase):
    plan = {"nodes": 3, "shm_mb": 64}

    def memory_mib(self):
        """Resident memory of the daemons of each node."""
        used = {}
        for name, node in self.lab.nodes.items():
            for (program, _), pid in node.processes().items():
                if not program.startswith("quorate"):
                    continue
                text = pathlib.Path(f"/proc/{pid}/status").read_text()
                used[name, program] = int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024
        return used

    def begin_load(self, folder):
        node = self.lab.nodes[self.names[0]]
        clients = []
        for script, count in ((WRITER, WRITERS), (READER, READERS)):
            text = script.format(seconds=LOAD_S, folder=folder)
            clients += [node.open("sh", "-c", text, "client", number) for number in range(count)]
        return clients

    def begin_reader_that_never_reads(self, folder):
        """A subscriber that is stopped as soon as it has seen something."""
        page = folder / "page.html"
        node = self.lab.nodes[self.names[0]]
        process = node.open("sh", "-c", f"exec crm_mon --interval=1 --output-as=html --output-to={page} --daemonize")
        process.wait(20)
        until("the follower's first page", page.exists, 20)
        pid = node.pid_of("crm_mon")
        node.signal(pid, signal.SIGSTOP)
        return page, pid

    def test_nothing_is_lost_and_nobody_sent_away(self):
        folder = self.lab.plan.file("shared/clients")
        folder.mkdir()
        before = self.memory_mib()
        page, idle_reader = self.begin_reader_that_never_reads(folder)
        clients = self.begin_load(folder)
        peak = dict(before)
        end = time.monotonic() + LOAD_S + 120
        while any(client.poll() is None for client in clients):
            self.assertLess(time.monotonic(), end, "clients come to their end")
            for where, used in self.memory_mib().items():
                peak[where] = max(peak.get(where, 0), used)
            time.sleep(0.5)

        said = {path.name: path.read_text().splitlines() for path in folder.iterdir() if path.suffix != ".html"}
        failures = [f"{name}: {line}" for name, lines in said.items() for line in lines if line.startswith("failed")]
        self.assertEqual(failures[:5], [], f"{len(failures)} requests failed")
        done = {kind: sum(len(lines) for name, lines in said.items() if name.startswith(kind))
                for kind in ("writer", "reader")}
        for number in range(WRITERS):
            self.assertTrue(said[f"writer-{number}"], f"client {number} got something done")
        for number in range(READERS):
            self.assertTrue(said[f"reader-{number}"], f"reader {number} read something")

        there = self.values()
        lost = [name for name, lines in said.items() if name.startswith("writer") and
                there.get(f"many-{name.removeprefix('writer-')}") != int(lines[-1].split()[1])]
        self.assertEqual(lost, [], "what was acknowledged last is there")
        grown = max((peak[where] - before.get(where, 0), where) for where in peak)
        say(f"{done['writer']} changes by {WRITERS} clients, {done['reader']} reads by {READERS} in {LOAD_S} s; "
            f"memory grew most in {' '.join(grown[1])}: by {grown[0]:.0f} MiB")
        self.assertLess(grown[0], GROWTH_MIB)

        # The one that didn't read goes on where the cluster is now.
        node = self.lab.nodes[self.names[0]]
        old = page.stat().st_mtime
        node.signal(idle_reader, signal.SIGCONT)
        node.run("crm_standby", "-N", self.names[1], "-v", "on")
        try:
            until("the follower to show the present state",
                  lambda: page.stat().st_mtime > old and "standby" in page.read_text(), 30)
        except Failed:
            self.fail("the subscriber that didn't read was left behind")
        node.signal(idle_reader, signal.SIGTERM)
        node.run("crm_standby", "-N", self.names[1], "-v", "off")
        self.settled()

    def values(self):
        text = self.lab.nodes[self.names[1]].run("cibadmin", "-Q", "--scope", "crm_config")
        return {name: int(value) for name, value in re.findall(r'name="(many-\d+)" value="(\d+)"', text)}


if __name__ == "__main__":
    unittest.main()
