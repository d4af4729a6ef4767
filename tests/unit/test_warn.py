"""Warnings of ours can be left out where the result says the same."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from wlogit import DataWarning, InferenceWarning
from wlogit._warn import silent, warn_user


def test_a_category_is_left_out_for_a_while():
    with silent(InferenceWarning):
        warn_user("not said", InferenceWarning)
        with pytest.warns(DataWarning, match="said"):
            warn_user("said", DataWarning)
        with silent(DataWarning):
            warn_user("not said", DataWarning)
            warn_user("not said", InferenceWarning)
    with pytest.warns(InferenceWarning, match="said"):
        warn_user("said", InferenceWarning)


def test_an_error_ends_it_too():
    with pytest.raises(ZeroDivisionError), silent(InferenceWarning):
        raise ZeroDivisionError
    with pytest.warns(InferenceWarning):
        warn_user("said", InferenceWarning)


def test_other_threads_are_not_silenced():
    barrier = Barrier(2, timeout=10)

    def quiet():
        with silent(InferenceWarning):
            barrier.wait()
            warn_user("not said", InferenceWarning)
            barrier.wait()

    def loud():
        barrier.wait()
        with pytest.raises(InferenceWarning):
            warn_user("said", InferenceWarning)
        barrier.wait()

    with warnings.catch_warnings(), ThreadPoolExecutor(2) as pool:
        warnings.simplefilter("error")
        for done in (pool.submit(quiet), pool.submit(loud)):
            done.result()
