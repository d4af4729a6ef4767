"""``python -m tests.benchmarks``, or with ``penalised``, ``replicates`` or ``search`` after it."""

import sys

from tests.benchmarks import benchmark, penalised, replicates, search

if __name__ == "__main__":
    if sys.argv[1:2] == ["penalised"]:
        penalised.main(sys.argv[2:])
    elif sys.argv[1:2] == ["replicates"]:
        replicates.main(sys.argv[2:])
    elif sys.argv[1:2] == ["search"]:
        search.main(sys.argv[2:])
    else:
        benchmark.main()
