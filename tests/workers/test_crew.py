import os
import subprocess
import sys
import time

import pytest

from recommender.errors import MissingExtraError, SettingsError, WorkersError
from recommender.workers import HERE, Processes, Threads, open_workers
from tests.conftest import is_running


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


@pytest.fixture
def two_cores(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")


def who(number):
    """Return a number with the process that had it; it takes a moment, so that several get some."""
    time.sleep(0.01)
    return number, os.getpid()


def test_processes_give_results_in_order_after_the_first_ones_which_are_done_here(two_cores):
    numbers, processes = zip(*Processes(short=0.05).map(who, range(200)), strict=True)
    assert [*numbers] == [*range(200)]
    n_here = processes.count(os.getpid())
    assert processes[:n_here] == (os.getpid(),) * n_here
    assert 1 <= n_here <= 20
    assert len({*processes[n_here:]}) == 2


def test_who_has_few_batches_or_one_core_starts_no_process(two_cores, monkeypatch):
    assert {process for _, process in Processes(short=60).map(who, range(9))} == {os.getpid()}
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert {process for _, process in Processes(short=0).map(who, range(9))} == {os.getpid()}
    assert [*Processes(short=0).map(who, [])] == []


def test_what_a_batch_raises_in_a_process_is_raised_here(two_cores):
    results = Processes(short=0).map(lambda number: 1 // number, [2, 1, 0, 4])
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_a_process_that_is_killed_is_told_of(two_cores):
    here = os.getpid()

    def die(number):
        if number == 5 and os.getpid() != here:
            os.kill(os.getpid(), 9)
        return number

    with pytest.raises(WorkersError, match="was killed, perhaps for want of memory"):
        [*Processes(short=0).map(die, range(9))]


PROGRAM = """
import os, time
from recommender.workers import Processes

def work(number):
    time.sleep(0.05)
    return os.getpid()

for process in Processes(short=0).map(work, range(10_000)):
    print(process, flush=True)
"""


def test_processes_run_no_program_twice_and_leave_with_the_one_that_is_killed(two_cores, tmp_path):
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    with subprocess.Popen([sys.executable, path], stdout=subprocess.PIPE, text=True) as program:
        told = [int(program.stdout.readline()) for _ in range(6)]
        program.kill()
        others = {*told} - {program.pid}
        assert others
        assert told[0] == program.pid
    deadline = time.monotonic() + 60
    while any(map(is_running, others)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(is_running, others))
