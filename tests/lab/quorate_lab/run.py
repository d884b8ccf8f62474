"""Running programs and waiting for conditions."""
import subprocess
import time


class Failed(Exception):
    pass


def run(*command, check=True, timeout=60, **options):
    """The standard output of a command; Failed with what it said if it fails."""
    try:
        done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, text=True, timeout=timeout, check=False, **options)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{' '.join(map(str, command))}: no end after {timeout} s") from error
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}: status {done.returncode}: {done.stderr.strip()} "
                     f"{done.stdout.strip()}")
    return done.stdout


def until(what, condition, timeout, pause=0.05):
    """What `condition` returns as soon as it is true; Failed if it isn't within `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() >= end:
            raise Failed(f"{what}: not within {timeout} s")
        time.sleep(pause)
