#!/usr/bin/env python3
"""crm_mon on a live cluster: once in each format, following changes on a console and in files, with
an external agent, and without a cluster.

crm_mon_test.py BIN_FOLDER [NAME...]
"""
import fcntl, json, os, pty, re, select, signal, struct, subprocess, sys, tempfile, termios, time
import xml.etree.ElementTree as ElementTree

from demo_process import BIN, Demo, check, main

WITHIN_S = 20


def run(program, *arguments, run_dir, status=0):
    result = subprocess.run([f"{BIN}/{program}", *arguments], stdout=subprocess.PIPE, text=True,
                            stderr=subprocess.PIPE, timeout=60, check=False,
                            env=dict(os.environ, QUORATE_RUN_DIR=run_dir))
    check(result.returncode == status,
          f"{program} {arguments} ended with {result.returncode}: {result.stdout}{result.stderr}")
    return result.stdout + (result.stderr if status else "")


class Background:
    """crm_mon, going on."""

    def __init__(self, *arguments, run_dir):
        self.process = subprocess.Popen([f"{BIN}/crm_mon", *arguments], stdin=subprocess.DEVNULL,
                                        env=dict(os.environ, QUORATE_RUN_DIR=run_dir))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def end(self):
        self.process.terminate()
        check(self.process.wait(WITHIN_S) == 0, f"ended with {self.process.returncode}")


class Terminal:
    """crm_mon on a terminal of its own."""

    def __init__(self, *arguments, run_dir, rows=40, columns=100):
        self.seen = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ["QUORATE_RUN_DIR"] = run_dir
            os.execv(f"{BIN}/crm_mon", ["crm_mon", *arguments])
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.close(self.fd)

    def wait_for(self, words):
        """What was drawn up to these words; what comes behind is for the next time."""
        end = time.monotonic() + WITHIN_S
        while words not in self.seen:
            check(time.monotonic() < end, f"no {words!r} in {self.seen!r}")
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    piece = os.read(self.fd, 65536)
                except OSError:
                    piece = b""
                check(piece, f"ended without {words!r}: {self.seen!r}")
                self.seen += piece.decode(errors="replace")
        at = self.seen.index(words) + len(words)
        drawn, self.seen = self.seen[:at], self.seen[at:]
        return drawn

    def press(self, keys):
        self.seen = ""
        os.write(self.fd, keys.encode())

    def ends_well(self, number):
        os.kill(self.pid, number)
        self.wait_for("\033[?1049l")  # the terminal as it was before
        check(os.waitpid(self.pid, 0)[1] == 0, "didn't end with status 0")


def await_file(path, words):
    end = time.monotonic() + WITHIN_S
    text = ""
    while time.monotonic() < end:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                text = file.read()
        if words in text:
            return text
        time.sleep(0.02)
    check(False, f"no {words!r} in {path}: {text}")


def run_dir_of(demo):
    demo.wait_for("To take it down")
    return re.search(r"export QUORATE_RUN_DIR=(\S+)", demo.output).group(1)


def follows_a_cluster():
    with Demo("--keep") as demo, tempfile.TemporaryDirectory() as folder:
        run_dir = run_dir_of(demo)
        for part in [shows_it_once, draws_on_a_console, keeps_a_file_and_calls_an_agent,
                     works_in_the_background, outlives_the_cluster]:
            part(demo, run_dir, folder)


def shows_it_once(demo, run_dir, folder):
    text = run("crm_mon", "-1", "-m", "2", run_dir=run_dir)
    for words in ["Stack: ", "(Pacemaker is running)", "on node1\n", "Online: [ node1 node2 node3 ]",
                  "Fencing History:\n  * reboot of "]:
        check(words in text, f"no {words!r} in:\n{text}")
    root = ElementTree.fromstring(run("crm_mon", "--output-as=xml", run_dir=run_dir))
    check(root.find("summary/stack").get("pacemakerd-state") == "running", "no state")
    check(root.find("summary/last_update").get("origin") == "node1", "no origin")
    event = root.find("fence_history/fence_event")
    check(event.get("status") == "success" and event.get("action") == "reboot", "no fencing")
    check(root.find("status").get("code") == "0", "status")
    check("fence_history" in json.loads(run("crm_mon", "--output-as=json", run_dir=run_dir)), "json")
    check("<h2>Fencing History</h2>" in
          run("crm_mon", "--output-as=html", "--include=all", run_dir=run_dir), "html")
    check("Fencing" not in run("crm_mon", "-1", "-m", "0", run_dir=run_dir), "fencing at level 0")
    # Without a terminal there can be no console.
    check("Online: [ node1 node2 node3 ]" in run("crm_mon", run_dir=run_dir), "no text")


def draws_on_a_console(demo, run_dir, folder):
    with Terminal("-i", "1", run_dir=run_dir) as terminal:
        terminal.wait_for("Waiting for initial connection")
        terminal.wait_for("Online: [ node1 node2 node3 ]")
        terminal.press("n")
        terminal.wait_for("Node node2: online:")
        terminal.press("?")
        terminal.wait_for("* n:")
        terminal.press("n")
        terminal.wait_for("Online: [ node1 node2 node3 ]")
        run("crm_attribute", "-N", "node2", "-n", "standby", "-v", "on", run_dir=run_dir)
        terminal.wait_for("Node node2: standby")
        run("crm_attribute", "-N", "node2", "-n", "standby", "-D", run_dir=run_dir)
        terminal.wait_for("Online: [ node1 node2 node3 ]")
        terminal.ends_well(signal.SIGTERM)
    with Terminal(run_dir=run_dir, rows=5) as terminal:
        terminal.wait_for("arrow keys scroll")
        terminal.press("\033[B")
        terminal.wait_for("-- lines 2 to 5 of")
        os.write(terminal.fd, b"\x03")
        check(os.waitpid(terminal.pid, 0)[1] == 0, "Ctrl-C didn't end it well")


def keeps_a_file_and_calls_an_agent(demo, run_dir, folder):
    page, log, agent = f"{folder}/page.xml", f"{folder}/log", f"{folder}/agent"
    with open(agent, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\necho \"$CRM_notify_recipient: $CRM_notify_task of "
                   f"${{CRM_notify_rsc:--}} on $CRM_notify_node: $CRM_notify_desc\" >> {log}\n")
    os.chmod(agent, 0o755)
    with Background("--output-as=xml", f"--output-to={page}", "-i", "1", "-W", "-E", agent,
                    "-e", "admin", run_dir=run_dir) as monitor:
        await_file(page, '<status code="0"')
        run("stonith_admin", "--reboot", "node3", run_dir=run_dir)
        await_file(log, "admin: reboot of - on node3: ")
        await_file(log, "admin: start of disk on node3: OK")
        text = await_file(page, '<node name="node3" id="3" online="true"')
        check("fence_history" not in text, "-W leaves the history out")
        ElementTree.fromstring(text)
        monitor.end()


def works_in_the_background(demo, run_dir, folder):
    page = f"{folder}/page.html"
    run("crm_mon", "-d", "--output-as=html", f"--output-to={page}", "-i", "2", run_dir=run_dir)
    text = await_file(page, "</html>")
    check('content="2"' in text, f"no refresh in:\n{text}")
    daemons = [int(pid) for pid in subprocess.run(["pgrep", "-f", f"output-to={page}"], text=True,
                                                  stdout=subprocess.PIPE, check=True).stdout.split()]
    check(len(daemons) == 1, f"not one daemon: {daemons}")
    os.kill(daemons[0], signal.SIGTERM)
    end = time.monotonic() + WITHIN_S
    while os.path.exists(f"/proc/{daemons[0]}"):
        check(time.monotonic() < end, "SIGTERM doesn't end the daemon")
        time.sleep(0.02)


def outlives_the_cluster(demo, run_dir, folder):
    page = f"{folder}/page.txt"
    with Background("--output-as=text", f"--output-to={page}", "-i", "1", run_dir=run_dir) as monitor:
        await_file(page, "Online: [ node1")
        demo.interrupt()
        await_file(page, "Not connected to CIB")
        await_file(page, "Latest connection attempt failed")
        check(demo.end() == 0, f"the demo failed:\n{demo.output}")
        monitor.end()


def waits_for_a_cluster():
    with tempfile.TemporaryDirectory() as folder:
        page = f"{folder}/page.xml"
        with Background("--output-as=xml", f"--output-to={page}", "-i", "1", run_dir=folder) as monitor:
            text = await_file(page, "<crm-mon-disconnected")
            check('<status code="102"' in text, text)
            monitor.end()
        with Terminal("-i", "1", run_dir=folder) as terminal:
            terminal.wait_for("Connection failed. Retrying in 1s...")
            terminal.ends_well(signal.SIGINT)


def says_that_there_is_no_cluster():
    with tempfile.TemporaryDirectory() as folder:
        check(run("crm_mon", "-1", run_dir=folder, status=102) ==
              "crm_mon: Connection to cluster failed: Connection refused\n", "text")
        text = run("crm_mon", "--output-as=xml", run_dir=folder, status=102)
        check("<error>crm_mon: Connection to cluster failed: Connection refused</error>" in text, text)
        text = run("crm_mon", "--as-xml", run_dir=folder, status=102)
        check(text == '<crm_mon version="3.0.2"/>\nNot connected\n'
              "crm_mon: Connection to cluster failed: Connection refused\n", text)


TESTS = [follows_a_cluster, waits_for_a_cluster, says_that_there_is_no_cluster]

if __name__ == "__main__":
    sys.exit(main(TESTS))
