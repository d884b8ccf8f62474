#!/usr/bin/env python3
"""Run the corpus checker and compare with the cases expected to fail.

run.py CORPUS CRM_SIMULATE SOURCE_DIR

CORPUS is `scheduler` or `random`. The corpora are in the folder named by QUORATE_CONFORMANCE, else in
shared/conformance beside the source tree or one level up; without them the test is skipped (77).
known_failures_CORPUS.txt lists the cases expected to fail, one a line. The test fails if any other
case fails, and names the listed ones that pass, so that they can be taken off the list.
"""
import json, os, subprocess, sys, tempfile


def find_corpora(source):
    candidates = [os.environ.get("QUORATE_CONFORMANCE"),
                  os.path.join(source, "..", "shared", "conformance"),
                  os.path.join(source, "..", "..", "shared", "conformance")]
    for folder in candidates:
        if folder and os.path.isfile(os.path.join(folder, "scheduler", "check")):
            return os.path.abspath(folder)
    return None


def read_list(path):
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as lines:
        return {line.split("#")[0].strip() for line in lines} - {""}


def main():
    corpus, program, source = sys.argv[1:4]
    folder = find_corpora(source)
    if folder is None:
        print("skipped: no corpora; set QUORATE_CONFORMANCE to the folder that holds them")
        return 77
    here = os.path.dirname(os.path.abspath(__file__))
    expected = read_list(os.path.join(here, f"known_failures_{corpus}.txt"))
    with tempfile.TemporaryDirectory() as scratch:
        results = os.path.join(scratch, "results.json")
        command = [sys.executable, os.path.join(folder, "scheduler", "check"), program, "--json", results]
        if corpus != "scheduler":
            command += ["--list", os.path.join(folder, corpus, "cases.json"),
                        "--cases", os.path.join(folder, corpus, "cases")]
        subprocess.run(command, check=False)
        with open(results, encoding="utf-8") as file:
            outcome = json.load(file)
    failed = {name for name, kinds in outcome.items() if kinds}
    for name in sorted(failed - expected):
        print(f"unexpected failure: {name} ({', '.join(outcome[name])})")
    for name in sorted(expected - failed):
        print(f"passes now, take it off the list: {name}")
    print(f"{len(outcome) - len(failed)} of {len(outcome)} cases pass, {len(expected)} are listed as failing")
    return 1 if failed - expected else 0


if __name__ == "__main__":
    sys.exit(main())
