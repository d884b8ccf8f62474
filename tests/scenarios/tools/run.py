#!/usr/bin/env python3
"""Run command lines on a CIB file and compare what they print and change with a case file.

run.py BIN_DIR CASE [--update]

A case begins with free text in lines starting with `#`, and settings:

    cib: NAME           the CIB to copy beside the case file; CIB_file names the copy
    mask: REGEX => TEXT what differs from run to run

Then commands for the shell, `$ ...` (continued with `> ...`), run in a scratch folder in which the
CIB is `cib.xml`, each followed by what it did:

    | standard output
    ! standard error
    - line of the CIB that is gone       (without its indentation)
    + line of the CIB that is new
    exit: N                              (if it isn't 0)

--update rewrites what commands do; read the result before you commit it.
"""
import difflib, os, re, shutil, subprocess, sys, tempfile


def parse(path):
    """Head lines, settings and commands of a case."""
    head, cib, masks, commands = [], None, [], []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("$ "):
                commands.append(line[2:])
            elif line.startswith("> "):
                commands[-1] += "\n" + line[2:]
            elif not commands:
                head.append(line)
                if line.startswith("cib: "):
                    cib = line[5:]
                elif line.startswith("mask: "):
                    masks.append(line[6:].split(" => ", 1))
    while head and not head[-1]:
        head.pop()
    return head, cib, masks, commands


def lines_of(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file]


def prefixed(sign, text):
    """Every line behind its sign; a missing last newline is shown, an empty line is the bare sign."""
    shown = [f"{sign} {line}".rstrip(" ") if not line else f"{sign} {line}" for line in text.split("\n")]
    return shown[:-1] if text.endswith("\n") else shown if text else []


def run(bin_dir, folder, command):
    cib = os.path.join(folder, "cib.xml")
    environment = {"PATH": bin_dir + ":/usr/sbin:/usr/bin:/sbin:/bin", "HOME": folder, "LC_ALL": "C",
                   "TZ": "UTC", "CIB_file": cib, "CIB_shadow_dir": folder,
                   "QUORATE_RUN_DIR": os.path.join(folder, "run")}
    before = lines_of(cib)
    result = subprocess.run(["/bin/sh", "-c", command], cwd=folder, env=environment, timeout=120,
                            stdin=subprocess.DEVNULL, capture_output=True)
    out = prefixed("|", result.stdout.decode("utf-8", "replace").replace(folder, "$DIR"))
    out += prefixed("!", result.stderr.decode("utf-8", "replace").replace(folder, "$DIR"))
    for line in difflib.unified_diff(before, lines_of(cib), n=0, lineterm=""):
        if not line.startswith(("---", "+++", "@@")):
            out.append(line[0] + " " + line[1:])
    if result.returncode != 0:
        out.append(f"exit: {result.returncode}")
    return out


def play(bin_dir, path):
    head, cib, masks, commands = parse(path)
    got = list(head)
    with tempfile.TemporaryDirectory(prefix="quorate-case.") as folder:
        if cib:
            shutil.copyfile(os.path.join(os.path.dirname(path), cib), os.path.join(folder, "cib.xml"))
        for command in commands:
            first, *rest = command.split("\n")
            got += ["", "$ " + first] + ["> " + line for line in rest]
            for line in run(bin_dir, folder, command):
                for pattern, text in masks:
                    line = re.sub(pattern, text, line)
                got.append(line)
    return "\n".join(got) + "\n", len(commands)


def main():
    bin_dir, path = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    got, commands = play(bin_dir, path)
    if commands == 0:
        print(f"{path}: no line beginning with `$ `")
        return 1
    with open(path, encoding="utf-8") as file:
        expected = file.read()
    if "--update" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(got)
        return 0
    if got == expected:
        return 0
    print("\n".join(difflib.unified_diff(expected.splitlines(), got.splitlines(), path, "got",
                                         lineterm="")))
    return 1


if __name__ == "__main__":
    sys.exit(main())
