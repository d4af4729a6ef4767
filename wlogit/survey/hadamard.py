"""Hadamard matrices, which balance half samples."""

import numpy as np

from wlogit._typing import AnyArray


def hadamard(n: int) -> AnyArray:
    """A Hadamard matrix of order greater than ``n``, the smallest that can be made here.

    Its first row is ones, so that every other row sums to zero. Made from those of Paley (1933)
    for primes, and by Sylvester's doubling.

    Parameters
    ----------
    n : int
        From 1.

    Returns
    -------
    ndarray of int8, shape (order, order)
        Entries 1 and -1, rows orthogonal.
    """
    order = 4 * (n // 4 + 1) if n > 1 else 2
    while (found := _of_order(order)) is None:
        order += 4
    return np.asarray(found * found[0])


def _of_order(order: int) -> AnyArray | None:
    if order == 2:
        return np.array([[1, 1], [1, -1]], dtype=np.int8)
    if _is_prime(order - 1) and (order - 1) % 4 == 3:
        return _paley_first(order - 1)
    if order % 2 == 0 and (order // 2 - 1) % 4 == 1 and _is_prime(order // 2 - 1):
        return _paley_second(order // 2 - 1)
    half = _of_order(order // 2) if order % 4 == 0 else None
    return None if half is None else np.block([[half, half], [half, -half]])


def _jacobsthal(q: int) -> AnyArray:
    """Whether differences are squares modulo a prime q: 1, or -1; zeros on the diagonal."""
    character = np.full(q, -1, dtype=np.int8)
    character[np.arange(1, q, dtype=np.int64) ** 2 % q] = 1
    character[0] = 0
    numbers = np.arange(q)
    return np.asarray(character[(numbers[:, np.newaxis] - numbers) % q])


def _paley_first(q: int) -> AnyArray:
    matrix = np.ones((q + 1, q + 1), dtype=np.int8)
    matrix[1:, 0] = -1
    matrix[1:, 1:] = _jacobsthal(q) + np.eye(q, dtype=np.int8)
    return matrix


def _paley_second(q: int) -> AnyArray:
    conference = np.ones((q + 1, q + 1), dtype=np.int8)
    conference[0, 0] = 0
    conference[1:, 1:] = _jacobsthal(q)
    both = np.array([[1, 1], [1, -1]], dtype=np.int8)
    alone = np.array([[1, -1], [-1, -1]], dtype=np.int8)
    identity = np.eye(q + 1, dtype=np.int8)
    return np.kron(conference, both) + np.kron(identity, alone)


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % divisor for divisor in range(2, int(n**0.5) + 1))
