"""Room for vectors that is a file: it is on the disk before anything is put there."""

import errno
import os

import numpy as np
import pytest

from recommender.index import stored
from recommender.index.stored import read_vectors, write_vectors, writing_vectors

AXES = np.eye(7, dtype=np.float32)


@pytest.mark.parametrize("zeros", [None, 1, 50, 1_000])
def test_what_is_put_into_the_room_is_read_and_the_file_is_that_of_the_array(tmp_path, monkeypatch, zeros):
    if zeros:  # as where the system keeps no room by itself
        monkeypatch.delattr(os, "posix_fallocate")
        monkeypatch.setattr(stored, "ZEROS", zeros)
    with writing_vectors(tmp_path, 7, 7) as room:
        assert not room.any()
        room[3:] = AXES[3:]
        room[:3] = AXES[:3]
    assert (read_vectors(tmp_path) == AXES).all()
    (tmp_path / "other").mkdir()
    write_vectors(AXES, tmp_path / "other")
    assert (tmp_path / "vectors.npy").read_bytes() == (tmp_path / "other" / "vectors.npy").read_bytes()


def test_a_disk_that_is_full_says_so_before_anything_is_put_there(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"), writing_vectors(tmp_path, 7, 7):
        pytest.fail("there is no room")
