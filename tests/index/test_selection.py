"""What FAISS looks at: exactly the rows that are allowed, whichever way it is told."""

import faiss
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.index.selection import selector
from recommender.vectors import normalised

N = 70


@pytest.mark.parametrize("start", [0, 3, 64])
@given(chosen=st.sets(st.integers(0, N - 1), min_size=1))
def test_the_rows_and_no_others_are_members(start, chosen):
    rows = np.array(sorted(chosen), dtype=np.int64) + start
    found = selector(rows, start)
    assert {row for row in range(-2, N + 20) if found.is_member(row)} == chosen


def test_a_stretch_of_rows_is_told_by_its_ends():
    found = selector(range(13, 20), start=10)
    assert isinstance(found, faiss.IDSelectorRange)
    assert [row for row in range(-2, 30) if found.is_member(row)] == [*range(3, 10)]


def test_the_bits_live_as_long_as_what_reads_them():
    rows = np.arange(0, 100_000, 3)
    found = selector(rows)
    for _ in range(20):  # what was freed would be written over
        np.full(100_000 // 8, 255, dtype=np.uint8)
    assert not isinstance(found, faiss.IDSelectorBatch)
    assert [row for row in range(0, 100_010) if found.is_member(row)] == rows.tolist()


@pytest.mark.parametrize("kind", ["flat", "lists"])
def test_it_finds_the_rows_that_a_hash_of_them_finds(kind):
    vectors = normalised(np.random.default_rng(2).normal(size=(3_000, 16)))
    index = faiss.IndexFlatIP(16) if kind == "flat" else faiss.index_factory(16, "IVF8,PQ8x4fs")
    index.train(vectors)
    index.add(vectors)
    parameters = faiss.SearchParameters if kind == "flat" else faiss.SearchParametersIVF
    options = {} if kind == "flat" else {"nprobe": 4}
    for rows in (np.arange(0, 3_000, 3), np.array([2_999]), np.arange(1_000, 2_000)):
        found, expected = (
            index.search(vectors[:30], 20, params=parameters(sel=one, **options))[1].tolist()
            for one in (selector(rows), faiss.IDSelectorBatch(rows))
        )
        assert found == expected
    part = index.search(vectors[:30], 20, params=parameters(sel=selector(range(1_000, 2_000)), **options))[1]
    assert part.tolist() == expected
