"""The number of BLAS threads is one inside, and restored outside, whoever leaves last."""

import threading

import pytest

from wlogit.core import blas

CONTROLS = blas._openblas()
pytestmark = pytest.mark.skipif(not CONTROLS, reason="numpy is not linked to OpenBLAS")


@pytest.fixture
def two_threads():
    before = [get_threads() for get_threads, _ in CONTROLS]
    for _, set_threads in CONTROLS:
        set_threads(2)

    def threads():
        (common,) = {get_threads() for get_threads, _ in CONTROLS}
        return common

    yield threads
    for (_, set_threads), number in zip(CONTROLS, before, strict=True):
        set_threads(number)


def test_the_library_of_scipy_is_one_of_them(two_threads):
    """scipy.linalg brings an OpenBLAS of its own in the wheels of PyPI."""
    for get_threads, set_threads in CONTROLS:
        set_threads(1)
        assert get_threads() == 1


def test_one_inside_and_restored_outside(two_threads):
    with blas.one_blas_thread():
        assert two_threads() == 1
        with blas.one_blas_thread():
            assert two_threads() == 1
        assert two_threads() == 1
    assert two_threads() == 2


def test_restored_after_an_error(two_threads):
    with pytest.raises(ValueError, match="no"), blas.one_blas_thread():
        raise ValueError("no")
    assert two_threads() == 2


def test_the_last_of_several_users_restores(two_threads):
    inside, leave = threading.Event(), threading.Event()

    def user():
        with blas.one_blas_thread():
            inside.set()
            leave.wait()

    other = threading.Thread(target=user)
    other.start()
    inside.wait()
    with blas.one_blas_thread():
        pass
    assert two_threads() == 1
    leave.set()
    other.join()
    assert two_threads() == 2


def test_other_libraries_are_left_alone(monkeypatch, two_threads):
    monkeypatch.setattr(blas, "_openblas", lambda: ())
    with blas.one_blas_thread():
        assert two_threads() == 2
