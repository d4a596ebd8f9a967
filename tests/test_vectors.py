import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from recommender.vectors import checked, distinct, normalised


def test_checked_returns_unit_rows_as_contiguous_float32():
    vectors = checked(np.array([[0.6, 0.8], [1.0, 0.0]]), n=2, dim=2)
    assert vectors.dtype == np.float32
    assert vectors.flags["C_CONTIGUOUS"]
    assert vectors.tolist() == np.array([[0.6, 0.8], [1.0, 0.0]], dtype=np.float32).tolist()


def test_checked_makes_a_transposed_array_contiguous():
    assert checked(np.asfortranarray(np.eye(3)), n=3, dim=3).flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("shape", [(1, 3), (3, 2), (2, 2), (6,), (2, 3, 1)])
def test_checked_refuses_another_shape_and_names_both(shape):
    with pytest.raises(ValueError, match=r"expected vectors of shape \(2, 3\), got \("):
        checked(np.ones(shape), n=2, dim=3)


def test_checked_accepts_no_rows():
    assert checked(np.empty((0, 3)), n=0, dim=3).shape == (0, 3)


@pytest.mark.parametrize("row", [[0.0, 0.0], [0.6, 0.9], [np.nan, 1.0], [np.inf, 0.0]])
def test_checked_names_the_rows_that_are_not_of_unit_length(row):
    with pytest.raises(ValueError, match=r"rows \[1, 3\] are not unit vectors"):
        checked(np.array([[1.0, 0.0], row, [0.0, -1.0], row]), n=4, dim=2)


def test_checked_names_five_rows_at_most_and_the_norm_of_the_first():
    with pytest.raises(ValueError, match=r"rows \[0, 1, 2, 3, 4\] are not unit vectors \(norm 5\)"):
        checked(np.array([[3.0, 4.0]] * 7), n=7, dim=2)


def test_checked_allows_the_rounding_of_half_precision():
    half = normalised(np.array([[1.0, 2.0, 3.0]])).astype(np.float16)
    assert checked(half, n=1, dim=3).dtype == np.float32


def test_normalised_scales_rows_and_keeps_their_direction():
    vectors = normalised(np.array([[3.0, 4.0], [0.0, -2.0]]))
    assert vectors.dtype == np.float32
    assert vectors == pytest.approx(np.array([[0.6, 0.8], [0.0, -1.0]]))


def test_normalised_leaves_its_argument_alone():
    rows = np.array([[3.0, 4.0]], dtype=np.float32)
    normalised(rows)
    assert rows.tolist() == [[3.0, 4.0]]


@pytest.mark.parametrize("row", [[0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0], [-np.inf, 0.0]])
def test_normalised_refuses_rows_without_a_direction(row):
    with pytest.raises(ValueError, match=r"rows \[1\] have no direction"):
        normalised(np.array([[1.0, 0.0], row]))


def test_normalised_accepts_no_rows():
    assert normalised(np.empty((0, 4), dtype=np.float32)).shape == (0, 4)


@given(arrays.arrays(np.float64, (3, 4), elements=st.floats(1e-3, 1e6) | st.floats(-1e6, -1e-3)))
def test_what_normalised_returns_passes_the_check(rows):
    assert checked(normalised(rows), n=3, dim=4).shape == (3, 4)


@pytest.mark.parametrize("kind", [np.int32, np.int64])
@pytest.mark.parametrize("rows", [[], [0], [3, 1, 3, 0, 0], [7, 7], [*range(99, -1, -1)]])
def test_distinct_is_what_numpy_calls_unique(rows, kind):
    found = distinct(np.array(rows, dtype=kind))
    assert (found.tolist(), found.dtype) == (np.unique(np.array(rows)).tolist(), kind)
