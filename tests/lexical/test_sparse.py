"""Sparse rows in files, and their columns, beside SciPy and a plain sort."""

import resource
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix, random_array

from recommender.lexical import LexicalIndex, TermMatrix, sparse, write_lexical
from recommender.lexical.counts import TermCounts
from recommender.lexical.sparse import SparseRows, Spool, stretches, transposed


def rows_of(matrix, folder=None):
    """Return a matrix of SciPy as rows in files."""
    columns, numbers = Spool(np.int32, folder), Spool(np.float32, folder)
    for row in range(matrix.shape[0]):
        line = matrix[[row]]
        columns.add(line.indices)
        numbers.add(line.data)
    return SparseRows(matrix.indptr.astype(np.int64), columns.mapped(), numbers.mapped(), matrix.shape[1])


@pytest.fixture
def matrix():
    found = random_array((50, 30), density=0.2, dtype=np.float32, format="csr", random_state=3)
    found.sort_indices()
    return found


def test_what_is_added_is_what_is_mapped_and_the_folder_stays_empty(tmp_path):
    spool = Spool(np.int32, tmp_path)
    spool.add(np.array([3, 1]))
    spool.add(np.zeros(0))
    spool.add(np.arange(8)[::2])
    found = spool.mapped()
    assert found.tolist() == [3, 1, 0, 2, 4, 6]
    assert (found.dtype, found.flags.writeable) == (np.int32, False)
    assert [*tmp_path.iterdir()] == []


def test_nothing_is_mapped_too():
    assert Spool(np.uint8, None).mapped().tolist() == []


@pytest.mark.parametrize("rows", [[], [0], [49, 3, 3, 0], [*range(50)]])
def test_some_rows_are_those_of_the_matrix(matrix, rows):
    found = rows_of(matrix)
    assert (len(found), found.shape) == (50, (50, 30))
    assert (found[rows].toarray() == matrix[rows].toarray()).all()
    assert found[rows].shape == (len(rows), 30)


def test_rows_in_another_order_are_the_same_rows_in_half_precision(matrix, monkeypatch, tmp_path):
    monkeypatch.setattr(sparse, "ROWS_AT_ONCE", 7)
    order = np.random.default_rng(4).permutation(50)
    rows = rows_of(matrix)
    found = replace(rows, data=rows.data.astype(np.float16)).arranged(order, tmp_path)
    assert found.data.dtype == np.float16
    assert found.shape == (50, 30)
    for place, row in enumerate(order.tolist()):
        part, line = found.part(range(place, place + 1)), matrix[[row]]
        assert found.indices[part].tolist() == line.indices.tolist()
        assert found.data[part].tolist() == line.data.astype(np.float16).tolist()
    assert [*tmp_path.iterdir()] == []


def test_blocks_are_all_rows_and_their_parts_all_numbers(matrix, monkeypatch):
    monkeypatch.setattr(sparse, "ROWS_AT_ONCE", 7)
    found = rows_of(matrix)
    blocks = [*found.blocks()]
    assert [row for block in blocks for row in block] == [*range(50)]
    assert [row for block in found.blocks(range(5, 21)) for row in block] == [*range(5, 21)]
    for block in blocks:
        lines = matrix[block.start : block.stop]
        assert found.data[found.part(block)].tolist() == lines.data.tolist()
        assert found.starts(block).tolist() == lines.indptr.tolist()


@given(
    st.lists(st.dictionaries(st.integers(0, 6), st.integers(1, 99), max_size=7), max_size=6),
    st.sampled_from([1, 2, 3, 100]),
    st.sampled_from([1, 10, 100]),
)
def test_rows_that_are_turned_are_the_columns(rows, at_once, turned_at_once):
    every = [(row, column, value) for row, line in enumerate(rows) for column, value in sorted(line.items())]
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.array([column for _, column, _ in every], dtype=np.int32)
    values = np.array([value for *_, value in every], dtype=np.uint8)
    ends = np.concatenate([[0], np.cumsum(np.bincount(columns, minlength=7))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse, "SORTED_AT_ONCE", at_once)
        patch.setattr(sparse, "TURNED_AT_ONCE", turned_at_once)
        matrix = SparseRows(starts, columns, values, 7)
        found = [*transposed(matrix, [values, values.astype(np.float32) / 4], ends, None)]
        assert [column for own in stretches(ends, at_once) for column in own] == [*range(7)]
    turned = [entry for part in found for entry in zip(*(one.tolist() for one in part), strict=True)]
    by_column = sorted(every, key=lambda entry: (entry[1], entry[0]))
    assert turned == [(row, value, value / 4) for row, _, value in by_column]


def test_columns_are_counted_in_steps_of_about_as_many_numbers_as_there_are_columns(matrix, monkeypatch):
    steps = []
    count = np.bincount
    monkeypatch.setattr(np, "bincount", lambda rows, **more: steps.append(len(rows)) or count(rows, **more))
    monkeypatch.setattr(sparse, "SORTED_AT_ONCE", 1)
    assert rows_of(matrix).column_starts().tolist() == matrix.tocsc().indptr.tolist()
    assert steps == [30] * (300 // 30)


def turned(matrix):
    """Return how many numbers lie in each stretch of columns of a matrix of SciPy, turned."""
    ends = matrix.tocsc().indptr.astype(np.int64)
    found = rows_of(matrix)
    return [len(rows) for rows, _ in transposed(found, [found.data], ends, None)]


def test_rows_are_turned_in_blocks_of_about_as_many_numbers_as_there_are_columns(matrix, monkeypatch):
    sizes = []

    def counted(parts, *rest, **more):
        sizes.append(len(parts[0]))
        return csr_matrix(parts, *rest, **more)

    monkeypatch.setattr(sparse, "csr_matrix", counted)
    monkeypatch.setattr(sparse, "TURNED_AT_ONCE", 1)
    assert sum(turned(matrix)) == sum(sizes) == matrix.nnz == 300
    assert len(sizes) <= 300 / 30
    assert max(sizes) < 2 * 30


def test_however_many_stretches_of_columns_there_are_no_more_files_are_open(monkeypatch):
    matrix = random_array((4, 200), density=0.9, dtype=np.float32, format="csr", random_state=5)
    monkeypatch.setattr(sparse, "SORTED_AT_ONCE", 1)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    n_open = len([*Path("/proc/self/fd").iterdir()])
    resource.setrlimit(resource.RLIMIT_NOFILE, (n_open + 20, before[1]))
    try:
        sizes = turned(matrix)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert len(sizes) > 150
    assert sum(sizes) == matrix.nnz


@pytest.mark.parametrize("at_once", [1, 5, 1_000_000])
def test_an_index_and_its_counts_are_the_same_however_much_is_sorted_at_once(tmp_path, monkeypatch, at_once):
    texts = [f"red {n % 7} blue 职教{chr(0x4E00 + n % 11)}" for n in range(60)] + ["", "blue blue"]
    monkeypatch.setattr(sparse, "SORTED_AT_ONCE", at_once)
    monkeypatch.setattr(sparse, "TURNED_AT_ONCE", 8)
    counts = TermCounts.of(texts, folder=tmp_path)
    matrix = TermMatrix.weighted(counts, tmp_path)
    write_lexical(matrix, tmp_path, counts, tmp_path)
    counts.write(tmp_path)
    index = LexicalIndex(tmp_path, len(texts))
    every = np.arange(len(texts))
    for row in (0, 17, 60, 61):
        expected = matrix.similarities(np.full(len(texts), row), every).tolist()
        assert index.scores(index.question(texts[row])).values.tolist() == expected
    again = TermCounts.read(tmp_path, len(texts), tmp_path)
    assert (again.matrix[every] != counts.matrix[every]).nnz == 0
    assert again.matrix.indices.tolist() == counts.matrix.indices.tolist()


def test_terms_are_the_same_however_many_names_are_held(monkeypatch):
    texts = [f"w{n} w{n % 5} 产教" for n in range(40)]
    whole = TermCounts.of(texts)
    monkeypatch.setattr("recommender.lexical.counts.NAMES_AT_ONCE", 3)
    monkeypatch.setattr("recommender.lexical.counts.TEXTS_AT_ONCE", 4)
    parts = TermCounts.of(texts)
    for name in ("terms", "parts", "frequencies"):
        assert getattr(parts, name).tolist() == getattr(whole, name).tolist()
    assert parts.matrix.indices.tolist() == whole.matrix.indices.tolist()
