"""Does faults to a real server and prints their figures: `python -m bench.faults [NAME...]`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

if not __package__:
    sys.exit("run it from the root of the project: python -m bench.faults")

from bench.faults.certificate import certificate
from bench.faults.clock import jumping
from bench.faults.crowds import half_ssh, half_tls, slow
from bench.faults.ending import killed, stopped
from bench.faults.outcome import Fault, Impossible
from bench.faults.storage import disk_full, read_only

FAULTS: dict[str, Fault] = {
    "killed": killed,
    "disk-full": disk_full,
    "read-only": read_only,
    "stopped": stopped,
    "clock": jumping,
    "certificate": certificate,
    "half-tls": half_tls,
    "half-ssh": half_ssh,
    "slow": slow,
}


def run(name: str) -> bool:
    """Do a fault and print what comes of it; return whether all is as it should be."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix=f"classcord-{name}-") as folder:
        try:
            outcome = FAULTS[name](Path(folder))
        except Impossible as error:
            print(f"{name}: skipped, {error}\n", flush=True)
            return True
    faults = outcome.wrong + outcome.late
    print(f"{name} ({time.monotonic() - began:.0f} s): {'FAILED' if faults else 'passed'}")
    for what, value in outcome.figures.items():
        print(f"    {what:<36}{value:>16}")
    for what in faults:
        print(f"    WRONG: {what}")
    print(flush=True)
    return not faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of a fault; all without one: {', '.join(FAULTS)}")
    names = parser.parse_args().names or list(FAULTS)
    unknown = [name for name in names if name not in FAULTS]
    if unknown:
        parser.error(f"no fault is called {unknown[0]}; there are {', '.join(FAULTS)}")
    passed = [run(name) for name in names]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    raise SystemExit(main())
