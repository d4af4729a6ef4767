"""``python -m tests.benchmarks [section ...] [--quick]``: measure, and write the page's data.

Every section runs in a process of its own and writes a file of JSON, from which the page of the
documentation is made whenever that is built. A quick run writes elsewhere.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time

from tests.benchmarks.records import DATA, QUICK_DATA, ROOT, Options, Section
from tests.benchmarks.run import MODULES, available, measured
from tests.benchmarks.tables import section_lines


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=", ".join(MODULES))
    parser.add_argument("--quick", action="store_true", help=f"small; writes {QUICK_DATA}")
    parser.add_argument("--rounds", type=int, default=Options().rounds)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    unknown = set(given.sections) - set(MODULES)
    if unknown:
        parser.error(f"no section {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    return given


def main() -> int:
    given = arguments()
    options = Options(
        rounds=min(given.rounds, 2) if given.quick else given.rounds, quick=given.quick
    )
    folder = QUICK_DATA if given.quick else DATA
    if given.inside:
        measured(given.sections[0], options).write(folder)
        return 0
    failed = []
    for name in given.sections or [name for name in MODULES if available(name)]:
        start = time.perf_counter()
        if run_alone(name, given):
            failed.append(name)
            continue
        print("\n".join(section_lines(Section.read(name, folder))))
        print(f"({name}: {time.perf_counter() - start:.0f} seconds)\n", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return len(failed)


def run_alone(name: str, given: argparse.Namespace) -> int:
    """The section in a fresh process, with the threads that it is measured with."""
    command = [sys.executable, "-m", "tests.benchmarks", name, "--inside"]
    command += ["--rounds", str(given.rounds), *(["--quick"] if given.quick else [])]
    return subprocess.run(
        command, cwd=ROOT, check=False, env=os.environ | MODULES[name].environment
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
