"""How many cores a process is to use, whatever its environment says."""

import pytest

from recommender.cores import cores


@pytest.mark.parametrize(("told", "n"), [("1", 1), ("64", 64), ("4,3", 4), (" 2 ", 2)])
def test_as_many_are_used_as_openmp_is_told(monkeypatch, told, n):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert cores() == n


@pytest.mark.parametrize("told", ["", " ", "0", "-2", "abc", ",4", "2.5"])
def test_what_is_no_number_of_cores_says_nothing(monkeypatch, told):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    granted = cores()
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert cores() == granted >= 1
