#!/usr/bin/env python3
"""Measures crm_simulate on the clusters of generate.py and prints a table.

usage: measure.py [--build DIR] [--sizes S,M,MF,L,XL] [--runs N] [--reference PROGRAM]
                  [--folder DIR] [--check]

For each size: user CPU (median of N runs) and largest resident memory of
  parse      reading and parsing the file alone (tests/bench/parse_only)
  quorate    crm_simulate -x FILE -G GRAPH
  reference  the same with another crm_simulate, where one is installed; not for XL
then the exponents fitted over the sizes with a history: user CPU against resources x nodes.
With --check the exit code is 1 if a size takes more than its limit below.
"""
import argparse
import math
import os
import sys
import tempfile
from pathlib import Path

import generate

# User CPU in seconds on a 2-core machine of 2024, and memory as a multiple of the parse's.
LIMITS = {"S": 0.012, "M": 0.16, "MF": 0.18, "L": 2.0, "XL": 10.0}
MEMORY_LIMITS = {"XL": 1.3}
NOT_FOR_REFERENCE = ("XL",)


def run_once(command):
    """User CPU in seconds and peak resident MB of one process."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        try:
            os.execv(command[0], command)
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    if status != 0:
        sys.exit(f"failed with status {status}: {' '.join(command)}")
    return usage.ru_utime, usage.ru_maxrss / 1024


def measure(command, runs):
    """Median of user CPU, maximum of memory."""
    results = [run_once(command) for _ in range(runs)]
    times = sorted(time for time, _ in results)
    return times[len(times) // 2], max(memory for _, memory in results)


def fitted_exponent(points):
    """Slope of log(time) against log(size) by least squares."""
    logs = [(math.log(size), math.log(max(time, 1e-4))) for size, time in points]
    mean_x = sum(x for x, _ in logs) / len(logs)
    mean_y = sum(y for _, y in logs) / len(logs)
    spread = sum((x - mean_x) ** 2 for x, _ in logs)
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / spread


def cell(result):
    return "-" if result is None else f"{result[0]:.3f} s {result[1]:6.0f} MB"


def measure_size(name, arguments, folder):
    """Results by program for one size, None where a program isn't run."""
    document = folder / f"{name}.xml"
    if not document.exists():
        with open(document, "w", encoding="ascii") as out:
            generate.Cluster(generate.SIZES[name]).write(out.write)
    parse = str(arguments.build / "tests" / "parse_only")
    quorate = str(arguments.build / "bin" / "crm_simulate")
    graph = str(folder / "graph.xml")
    results = {"parse": measure([parse, str(document)], arguments.runs),
               "quorate": measure([quorate, "-x", str(document), "-G", graph], arguments.runs),
               "reference": None}
    if os.access(arguments.reference, os.X_OK) and name not in NOT_FOR_REFERENCE:
        results["reference"] = measure([arguments.reference, "-x", str(document), "-G", graph], 1
                                       if name == "L" else arguments.runs)
    return document.stat().st_size / 1e6, results


def complaints(name, results):
    time, memory = results["quorate"]
    if time > LIMITS[name]:
        yield f"{name}: {time:.3f} s are more than {LIMITS[name]} s"
    ratio = memory / results["parse"][1]
    if ratio > MEMORY_LIMITS.get(name, math.inf):
        yield f"{name}: {ratio:.2f} times the parse's memory are more than {MEMORY_LIMITS[name]}"


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    source = Path(__file__).resolve().parent.parent.parent
    parser.add_argument("--build", type=Path, default=source / "build" / "release")
    parser.add_argument("--sizes", default="S,M,MF,L,XL")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--reference", default="/usr/sbin/crm_simulate")
    parser.add_argument("--folder", type=Path, help="keep the generated files here")
    parser.add_argument("--check", action="store_true")
    return parser.parse_args()


def print_table(arguments, folder):
    print(f"{'':4}{'file':>9}  {'parse':>19}  {'quorate':>19}  {'reference':>19}  faster")
    points = {"parse": [], "quorate": []}
    failures = []
    for name in arguments.sizes.split(","):
        megabytes, results = measure_size(name, arguments, folder)
        reference = results["reference"]
        faster = f"{reference[0] / max(results['quorate'][0], 1e-3):5.1f}x" if reference else "-"
        print(f"{name:4}{megabytes:6.1f} MB  {cell(results['parse']):>19}  "
              f"{cell(results['quorate']):>19}  {cell(reference):>19}  {faster}", flush=True)
        failures += complaints(name, results)
        size = generate.SIZES[name]
        if size.history:
            for program, series in points.items():
                series.append((size.primitives * size.nodes, results[program][0]))
    if len(points["quorate"]) > 1:
        print("exponent in resources x nodes: "
              + ", ".join(f"{program} {fitted_exponent(series):.2f}"
                          for program, series in points.items()))
    return failures


def main():
    arguments = parse_arguments()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        failures = print_table(arguments, folder)
    for failure in failures:
        print(failure)
    return 1 if failures and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
