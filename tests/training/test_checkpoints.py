"""Killed at any moment: what is found afterwards is the last whole state, or none."""

import logging
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from recommender.training.checkpoints import Checkpoint, identity

# Keeps one state after the other and dies in the N-th call of os.fsync or of os.replace, by its own hand.
DIES = """
import os, pathlib, signal, sys
import numpy as np
from recommender.training.checkpoints import Checkpoint

folder, call, fatal = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = 0
real = {"fsync": os.fsync, "rename": pathlib.Path.replace}[call]

def deadly(*arguments):
    global calls
    calls += 1
    if calls == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)

if call == "fsync":
    os.fsync = deadly
else:
    pathlib.Path.replace = deadly
checkpoint = Checkpoint(folder, "run", minutes=0)
for step in range(1, 5):
    checkpoint.keep(step, lambda: {"table": np.full((50, 8), step, dtype=np.float32)})
"""


def state(value=0.0):
    return {"table": np.full((3, 2), value, dtype=np.float32), "steps": np.full(3, int(value))}


@pytest.fixture
def checkpoint(tmp_path):
    return Checkpoint(tmp_path, "run", minutes=0)


def test_what_is_kept_comes_back_with_its_step(checkpoint, tmp_path):
    assert checkpoint.resume(state()) == 0
    checkpoint.keep(5, lambda: state(2.5))
    found = state()
    assert Checkpoint(tmp_path, "run").resume(found) == 5
    assert found["table"].tolist() == [[2.5, 2.5]] * 3
    assert found["steps"].tolist() == [2, 2, 2]


# Each step syncs twice: the file, and after the rename the folder.
@pytest.mark.parametrize(
    ("call", "fatal", "step"),
    [("fsync", 1, 0), ("rename", 1, 0), ("fsync", 2, 1), ("fsync", 3, 1), ("rename", 2, 1), ("fsync", 4, 2)],
)
def test_death_while_a_state_is_written_leaves_the_last_whole_one(tmp_path, call, fatal, step):
    dead = subprocess.run([sys.executable, "-c", DIES, tmp_path, call, str(fatal)], check=False)
    assert dead.returncode == -9
    found = {"table": np.zeros((50, 8), dtype=np.float32)}
    after = Checkpoint(tmp_path, "run", minutes=0)
    assert after.resume(found) == step
    assert np.unique(found["table"]).tolist() == [step]
    (tmp_path / ".state.partial").mkdir(exist_ok=True)
    (tmp_path / ".state.partial" / ".tmp123456").touch()  # as safetensors has it while it writes
    after.keep(9, lambda: found)  # what the dead left half written is no obstacle
    assert after.resume(found) == 9
    assert [path.name for path in tmp_path.iterdir()] == ["state-run.safetensors"]


def test_the_state_of_another_run_is_ignored_and_said(checkpoint, tmp_path, caplog):
    checkpoint.keep(5, lambda: state(2.5))
    found = state()
    assert Checkpoint(tmp_path, "other").resume(found) == 0
    assert not found["table"].any()
    assert "another recipe, other data or another program, which is ignored: state-run" in caplog.text
    assert checkpoint.path.exists()


@pytest.mark.parametrize("damage", [b"", b"no state", None])
def test_a_state_that_cannot_be_read_is_said_and_the_run_begins_anew(checkpoint, damage, caplog):
    checkpoint.keep(5, lambda: state(2.5))
    content = checkpoint.path.read_bytes()
    checkpoint.path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    found = state()
    assert checkpoint.resume(found) == 0
    assert not found["table"].any()
    assert "cannot be read" in caplog.text
    assert "begins anew" in caplog.text


def test_a_state_is_kept_every_so_many_minutes_and_in_the_end(tmp_path):
    now = [0.0]
    checkpoint = Checkpoint(tmp_path, "run", minutes=10, clock=lambda: now[0])
    kept = []
    for step, seconds in ((1, 599), (2, 601), (3, 1200), (4, 1202), (5, 1203)):
        now[0] = seconds
        checkpoint.keep(step, partial(state, step), is_last=step == 5)
        kept.append(checkpoint.resume(state()))
    assert kept == [0, 2, 2, 4, 5]


def test_the_end_of_a_run_leaves_no_state(checkpoint):
    checkpoint.remove()
    checkpoint.keep(1, state)
    (checkpoint.path.parent / ".state.partial").mkdir()  # of a run that was killed
    checkpoint.remove()
    assert [*checkpoint.path.parent.iterdir()] == []


def test_going_on_is_said(checkpoint, caplog):
    checkpoint.keep(5, state)
    with caplog.at_level(logging.INFO):
        checkpoint.resume(state())
    assert "going on from the checkpoint" in caplog.text
    assert "step 5" in caplog.text


def test_an_identity_hangs_on_every_part_and_on_no_order_of_keys():
    assert identity({"a": 1, "b": 2}, ["x"]) == identity({"b": 2, "a": 1}, ["x"])
    assert len({identity("x"), identity("x", None), identity("X"), identity(["x"])}) == 4
