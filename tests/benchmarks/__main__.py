"""``python -m tests.benchmarks``, or ``python -m tests.benchmarks penalised``."""

import sys

from tests.benchmarks import benchmark, penalised

if __name__ == "__main__":
    if sys.argv[1:2] == ["penalised"]:
        penalised.main(sys.argv[2:])
    else:
        benchmark.main()
