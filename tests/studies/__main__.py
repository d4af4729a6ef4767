"""``python -m tests.studies coverage [--only TEXT] [--replications N] [--processes 2]``.

Simulates every cell of the study and writes docs/_data/coverage.json, from which the page is made.
Cells that are done are kept in build/coverage, so that a run that was stopped goes on; delete it to
begin anew. Part of the cells are printed too; another number of replications is not written.
"""

import argparse
import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


def main() -> None:
    from tests.studies.coverage.run import run  # after the threads are set

    parser = argparse.ArgumentParser(prog="python -m tests.studies", description=__doc__)
    parser.add_argument("study", choices=["coverage"])
    parser.add_argument("--only", default="", help="cells whose name contains this")
    parser.add_argument("--replications", type=int)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    found = run(given.only, given.replications, given.processes)
    if given.only or given.replications:
        for record in found:
            show(record)


def show(record) -> None:
    print(f"\n{record.cell.name} (n = {record.n}, {record.mean_events:.0f} events)")
    for name, given in record.intervals.items():
        mark = "*" if name == record.default else " "
        print(f" {mark} {name:20s}", *(f"{share:.3f}" for share in given.coverage))
    print("  ", ", ".join(f"{name} {rate:.3f}" for name, rate in record.tests.items()))


if __name__ == "__main__":
    main()
