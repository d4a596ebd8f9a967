import sqlite3

import numpy as np
import pytest

from recommender.embedding import EmbeddingCache
from recommender.embedding.cache import AT_ONCE
from recommender.errors import BuildError
from recommender.vectors import normalised

ONE, TWO, THREE = ("01" * 32, "02" * 32, "03" * 32)
AXES = np.eye(3, dtype=np.float32)


@pytest.fixture
def cache(tmp_path):
    with EmbeddingCache(tmp_path, fingerprint="letters", dim=3) as cache:
        yield cache


def known(cache, *digests):
    return {digest: vector.tolist() for digest, vector in cache.get(digests).items()}


def edit(tmp_path, statement):
    connection = sqlite3.connect(tmp_path / "letters" / "vectors.db")
    with connection:
        connection.execute(statement)
    connection.close()


def test_what_was_put_is_got_and_nothing_else(cache):
    cache.put([ONE, TWO], AXES[:2])
    assert known(cache, TWO, THREE, ONE) == {ONE: [1, 0, 0], TWO: [0, 1, 0]}
    assert known(cache) == {}


def test_vectors_outlive_the_process_bit_by_bit(tmp_path):
    vectors = normalised(np.random.default_rng(1).normal(size=(2, 64)))
    with EmbeddingCache(tmp_path, fingerprint="letters", dim=64) as cache:
        cache.put([ONE, TWO], vectors)
    with EmbeddingCache(tmp_path, fingerprint="letters", dim=64) as cache:
        found = cache.get([ONE, TWO])
    assert np.array_equal(np.stack([found[ONE], found[TWO]]), vectors)
    assert found[ONE].dtype == np.float32


def test_more_vectors_than_one_question_can_name(cache):
    digests = [f"{number:064x}" for number in range(2 * AT_ONCE + 1)]
    cache.put(digests, np.repeat(AXES[:1], len(digests), axis=0))
    assert [*known(cache, *digests)] == digests


def test_a_vector_put_again_replaces_the_old_one(cache):
    cache.put([ONE], AXES[:1])
    cache.put([ONE], AXES[1:2])
    assert known(cache, ONE) == {ONE: [0, 1, 0]}


def test_all_vectors_are_put_or_none(cache):
    with pytest.raises(ValueError, match="longer"):
        cache.put([ONE, TWO], AXES)
    assert known(cache, ONE, TWO) == {}


def test_models_do_not_share_vectors(tmp_path, cache):
    cache.put([ONE], AXES[:1])
    with EmbeddingCache(tmp_path, fingerprint="other letters", dim=3) as other:
        assert known(other, ONE) == {}
        other.put([ONE], AXES[1:2])
    assert known(cache, ONE) == {ONE: [1, 0, 0]}


def test_a_vector_of_another_length_counts_as_unknown(tmp_path, cache):
    cache.put([ONE], AXES[:1])
    with EmbeddingCache(tmp_path, fingerprint="letters", dim=2) as shorter:
        assert known(shorter, ONE) == {}


@pytest.mark.parametrize(
    "damage",
    [
        "vector = zeroblob(12)",
        "vector = zeroblob(0)",
        "checksum = checksum + 1",
        "vector = 'text'",
        "vector = 7",
        "checksum = 'text'",
    ],
)
def test_a_damaged_vector_is_forgotten_and_the_others_are_not(tmp_path, cache, damage):
    cache.put([ONE, TWO], AXES[:2])
    edit(tmp_path, f"UPDATE vectors SET {damage} WHERE digest = x'{ONE}'")
    assert known(cache, ONE, TWO) == {TWO: [0, 1, 0]}


def test_any_flipped_bit_of_a_vector_is_noticed(tmp_path, cache):
    cache.put([ONE], normalised(np.array([[3.0, 4.0, 12.0]])))
    (vector,) = cache.get([ONE]).values()
    for place in range(12):
        for bit in range(8):
            blob = bytearray(vector.tobytes())
            blob[place] ^= 1 << bit
            edit(tmp_path, f"UPDATE vectors SET vector = x'{blob.hex()}'")
            assert known(cache, ONE) == {}


def test_a_file_that_is_no_database_is_said_with_what_to_do(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "vectors.db").write_bytes(b"no database" * 999)
    with pytest.raises(BuildError, match=r"vectors\.db cannot be used .*delete it"):
        EmbeddingCache(tmp_path, fingerprint="letters", dim=3)


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "letters").write_text("a file, not a folder")
    with pytest.raises(BuildError, match="cannot be used"):
        EmbeddingCache(tmp_path, fingerprint="letters", dim=3)
