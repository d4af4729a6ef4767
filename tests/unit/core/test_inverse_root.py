"""Inverse roots of a diagonal and a few columns, against mpmath and closed forms."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wlogit.core.inverse_root import inverse_root_products, root_nodes


@pytest.mark.parametrize("ratio", [1.0, 0.5, 1e-2, 1e-6, 1e-12, 1e-30, 1e-60])
def test_the_nodes_give_inverse_roots_of_numbers_to_rounding(ratio):
    nodes, weights = root_nodes(ratio)
    numbers = np.geomspace(ratio, 1.0, 300)
    found = (weights / (nodes**2 + numbers[:, None])).sum(axis=1)
    assert_allclose(found, numbers**-0.5, rtol=2e-14)
    assert len(nodes) <= 6 + 4 * np.log10(1.0 / ratio)


@pytest.mark.parametrize("n", [3, 12])
@pytest.mark.parametrize("smallest", [1.0, 1e-3, 1e-8])
def test_small_eigenvalues_have_as_many_digits_as_large_ones(n, smallest):
    rng = np.random.default_rng(n)
    basis = np.linalg.qr(rng.normal(size=(n, 3)))[0]
    rows = (basis * np.sqrt([0.9, 0.4, 0.01]))[None]
    phi = np.geomspace(smallest, 1.0, n)[rng.permutation(n)][None]
    columns = phi[:, :, None] * rows
    right = np.concatenate([columns, phi[:, :, None] * rng.normal(size=(1, n, 1))], axis=2)
    bound = 0.1 * smallest**2
    found = inverse_root_products(rows, phi**2, columns, -np.ones(3), right, bound)[0]
    assert_allclose(found, _exact(rows[0], phi[0], columns[0], right[0]), rtol=1e-12, atol=1e-13)


def _exact(left, phi, columns, right):
    mp = pytest.importorskip("mpmath")
    with mp.workdps(60):
        F = mp.matrix(columns.tolist())
        values, vectors = mp.eigsy(mp.diag([mp.mpf(float(p)) ** 2 for p in phi]) - F * F.T)
        root = vectors * mp.diag([1 / mp.sqrt(value) for value in values]) * vectors.T
        product = mp.matrix(left.T.tolist()) * root * mp.matrix(right.tolist())
        return np.array(product.tolist(), dtype=float)
