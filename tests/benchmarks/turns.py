"""Programs take turns, so that what else the machine does falls on all of them."""

from __future__ import annotations

import ctypes
import resource
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

# A turn lasts so many seconds at least, in as many calls as that takes.
TURN = 0.2


def take_turns(
    programs: Mapping[str, Callable[[], object]],
    rounds: int,
    *,
    budget: float = float("inf"),
    clock: Callable[[], float] = time.perf_counter,
    turn: float = TURN,
) -> dict[str, list[float]]:
    """Seconds of a call of every program in every round.

    Every round starts with another program. One that has taken more than ``budget`` seconds has had
    its last turn, but every program has two.
    """
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    spent = dict.fromkeys(programs, 0.0)
    names = list(programs)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            if number >= 2 and spent[name] > budget:
                continue
            taken, calls = one_turn(programs[name], clock, turn)
            seconds[name].append(taken / calls)
            spent[name] += taken
    return seconds


def one_turn(
    program: Callable[[], object], clock: Callable[[], float], turn: float
) -> tuple[float, int]:
    """Seconds of a turn and the number of its calls."""
    calls, start = 0, clock()
    while True:
        program()
        calls += 1
        taken = clock() - start
        if taken >= turn:
            return taken, calls


STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak_bytes() -> int:
    """Peak resident memory of this process.

    Where Linux says it, without that of the process which started this one: ``ru_maxrss`` has it.
    """
    if STATUS.exists():
        return int(STATUS.read_text().split("VmHWM:")[1].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def peak_of(program: Callable[[], object]) -> int:
    """Peak resident memory of a call, in bytes above what the process has before it.

    Without Linux's ``clear_refs``, memory that was used and freed before is not seen again.
    """
    if CLEAR.exists():
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
        CLEAR.write_text("5")
    before = peak_bytes()
    program()
    return peak_bytes() - before
