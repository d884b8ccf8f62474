#!/usr/bin/env python3
"""Runs the lab's tests; exit status 77 (skipped, for ctest) where there can be no lab."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from quorate_lab.case import Result  # noqa: E402
from quorate_lab.cluster import missing  # noqa: E402


def main():
    reason = missing()
    if reason:
        print(f"skipped: {reason}")
        return 77
    names = sys.argv[1:]
    loader = unittest.TestLoader()
    suite = (loader.loadTestsFromNames(names) if names else
             loader.discover(str(pathlib.Path(__file__).resolve().parent), "test_*.py"))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=Result).run(suite)
    if result.wasSuccessful() and result.skipped and result.testsRun <= len(result.skipped):
        return 77
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
