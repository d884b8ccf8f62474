#!/usr/bin/env python3
"""Compare what crm_simulate, crm_mon or `quorate explain` says about a cluster with the text beside it.

run.py PROGRAM INPUT.xml [--update]

INPUT.expected begins with the options, a line `$ -S ...`, followed by standard output and error.
Several such blocks may follow each other. --update rewrites the outputs.
"""
import difflib, os, re, shlex, subprocess, sys


def run(program, source, arguments):
    environment = dict(os.environ, LC_ALL="C", TZ="UTC")
    command = [program, "explain"] if os.path.basename(program) == "quorate" else [program]
    result = subprocess.run([*command, "-x", source, *shlex.split(arguments)], env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    text = result.stdout.decode("utf-8", "replace")
    if result.returncode != 0:
        text += f"exit status {result.returncode}\n"
    # What comes from the clock or from where the tree is.
    text = text.replace(program, os.path.basename(program)).replace(source, os.path.basename(source))
    text = re.sub(r"(Last updated: (</span><span>)?|<last_update time=\")\w{3} \w{3} [ \d]\d [\d:]+ \d+",
                  r"\1NOW", text)
    return re.sub(r"(last-failure-[^=]*)=[0-9]{10}\b", r"\1=NOW", text)


def main():
    program, source = sys.argv[1:3]
    path = os.path.splitext(source)[0] + ".expected"
    with open(path, encoding="utf-8") as file:
        expected = file.read()
    commands = [line[2:] for line in expected.splitlines() if line.startswith("$ ")]
    if not commands:
        print(f"{path}: no line beginning with `$ `")
        return 1
    got = "".join(f"$ {command}\n{run(program, source, command)}" for command in commands)
    if "--update" in sys.argv:
        with open(path, "w", encoding="utf-8") as file:
            file.write(got)
        return 0
    if got == expected:
        return 0
    print("\n".join(difflib.unified_diff(expected.splitlines(), got.splitlines(), path, "got", lineterm="")))
    return 1


if __name__ == "__main__":
    sys.exit(main())
