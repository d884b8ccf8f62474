#!/usr/bin/env python3
"""`quorate demo` as users treat it: watched to its end, interrupted anywhere, killed, kept, started
twice. Whatever happens, it leaves neither processes nor files.

demo_test.py BIN_FOLDER [NAME...]
"""
import os, re, signal, subprocess, sys, time

from demo_process import Demo, check, main


def runs_to_its_end():
    with Demo() as demo:
        check(demo.end() == 0, f"failed:\n{demo.output}")
        for words in ["to an idle cluster with a DC:", "The service answers on", "is seen to be lost",
                      "succeeded", "the service answers again", "is switched on again",
                      "What happened when", "The service was away for", "requests were answered"]:
            check(words in demo.output, f"no {words!r} in:\n{demo.output}")
        demo.leaves_nothing()


def can_be_interrupted_anywhere():
    for words in ["", "Quorate demo:", "From starting", "Loading", "The service answers on",
                  "Killing", "is seen to be lost", "fencing of", "service answers again",
                  "is switched on again"]:
        with Demo() as demo:
            if words:
                demo.wait_for(words)
            else:
                time.sleep(0.02)
            demo.interrupt()
            status = demo.end()
            # Before it could say anything the signal itself may have ended it.
            check(status == 130 or (not words and status == -signal.SIGINT),
                  f"status {status} after {words!r}:\n{demo.output}")
            demo.leaves_nothing(0 if words else 3)


def can_be_kept():
    with Demo("--keep") as demo:
        demo.wait_for("To take it down")
        lines = [line.strip() for line in demo.output.splitlines()]
        at = lines.index(next(line for line in lines if line.startswith("The cluster stays up")))
        commands = [line for line in lines[at + 1:] if line.startswith("export ")]
        check(len(commands) == 2, f"not two exports in:\n{demo.output}")
        tools = "\n".join(commands + ["crm_mon -1", f"stonith_admin --reboot node3 && echo fenced"])
        result = subprocess.run(["sh", "-c", tools], stdout=subprocess.PIPE, text=True, timeout=60,
                                stderr=subprocess.STDOUT, check=False)
        check("Online: [ node1 node2 node3 ]" in result.stdout, f"crm_mon said:\n{result.stdout}")
        check("fenced" in result.stdout, f"stonith_admin said:\n{result.stdout}")
        down = re.search(r"or +(kill \d+)$", demo.output.strip())
        check(down is not None, f"no command to take it down in:\n{demo.output}")
        subprocess.run(["sh", "-c", down.group(1)], check=True)
        check(demo.end() == 0, f"failed:\n{demo.output}")
        demo.leaves_nothing()


def takes_two_nodes_but_not_one_or_ten():
    with Demo("--nodes", "2") as demo:
        check(demo.end() == 0, f"failed:\n{demo.output}")
        demo.leaves_nothing()
    for nodes in ["1", "10", "many"]:
        with Demo("--nodes", nodes) as demo:
            check(demo.end() == 64, f"--nodes {nodes} was taken:\n{demo.output}")
            check("--nodes" in demo.output, f"doesn't say what is wrong:\n{demo.output}")


def runs_twice_at_the_same_time():
    with Demo() as first, Demo(folder=first.folder) as second:
        check(first.end() == 0, f"the first failed:\n{first.output}")
        check(second.end() == 0, f"the second failed:\n{second.output}")
        first.leaves_nothing()


def says_which_folder_cannot_be_used():
    with Demo(folder="/proc/nowhere") as demo:
        check(demo.end() == 1, f"was taken:\n{demo.output}")
        check("/proc/nowhere" in demo.output and "TMPDIR" in demo.output, demo.output)


def is_swept_up_when_killed():
    for words in ["Loading", "is seen to be lost"]:
        with Demo() as demo:
            demo.wait_for(words)
            demo.process.kill()
            demo.end()
            demo.leaves_nothing(5)


def is_swept_up_by_the_next_when_its_janitor_was_killed_too():
    with Demo() as demo:
        demo.wait_for("The service answers on")
        os.kill(demo.janitor(), signal.SIGKILL)
        demo.process.kill()
        demo.end()
        with Demo(folder=demo.folder) as following:
            check(following.end() == 0, f"failed:\n{following.output}")
            check("Removed what an earlier demo" in following.output, following.output)
            following.leaves_nothing()


TESTS = [runs_to_its_end, can_be_interrupted_anywhere, can_be_kept,
         takes_two_nodes_but_not_one_or_ten, runs_twice_at_the_same_time,
         says_which_folder_cannot_be_used, is_swept_up_when_killed,
         is_swept_up_by_the_next_when_its_janitor_was_killed_too]


if __name__ == "__main__":
    sys.exit(main(TESTS))
