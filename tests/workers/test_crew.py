import sys

import pytest

from recommender.errors import MissingExtraError, SettingsError
from recommender.workers import HERE, Threads, open_workers


def test_without_a_name_this_process_works_batch_by_batch():
    done = []
    with open_workers("") as workers:
        results = workers.map(lambda batch: done.append(batch) or batch, "abc")
        assert next(iter(results)) == "a"
    assert workers is HERE
    assert done == ["a"]


@pytest.mark.parametrize("name", ["many", "localhost:10001", "RAY"])
def test_a_name_that_is_none_is_refused(name):
    with pytest.raises(
        SettingsError, match=f"no workers '{name}'; choose one of local, ray, ray://HOST:10001"
    ):
        open_workers(name)


def test_without_ray_it_is_asked_for_in_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"this needs ray, .*recommender\[ray\]"):
        open_workers("ray")


def test_threads_give_results_in_order_and_take_no_more_batches_than_they_need():
    taken = []

    def batches():
        for number in range(1_000):
            taken.append(number)
            yield number

    results = Threads().map(lambda number: -number, batches())
    assert [next(results) for _ in range(3)] == [0, -1, -2]
    assert len(taken) < 100
    assert [*results] == [*range(-3, -1_000, -1)]


def test_what_a_batch_raises_is_raised_in_its_place():
    results = Threads().map(lambda number: 1 // number, [2, 1, 0, 4])
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)
