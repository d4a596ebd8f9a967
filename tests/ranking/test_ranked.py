"""Lists as arrays: the order in which rows stand in them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.ranking import sorting_keys, unpacked

HIGHEST, LAST_ROW = 2**31 - 2, 2**32 - 1
entries = st.tuples(
    st.integers(-HIGHEST, HIGHEST) | st.integers(-3, 3), st.integers(0, LAST_ROW) | st.integers(0, 3)
)


@given(st.lists(st.tuples(entries, st.booleans()), min_size=1, max_size=40))
def test_keys_ascend_as_rows_stand_in_a_list(drawn):
    scores, rows = np.array([entry for entry, _ in drawn], dtype=np.int64).T
    here = np.array([is_here for _, is_here in drawn])
    keys = sorting_keys(scores[None], rows[None], here[None])[0]
    best = np.lexsort((rows, -scores, ~here))[: here.sum()]
    found = np.argsort(keys, kind="stable")[: here.sum()]
    assert [*zip(scores[found], rows[found], strict=True)] == [*zip(scores[best], rows[best], strict=True)]
    told = unpacked(keys, here)
    assert (told[0] == np.where(here, scores, 0)).all()
    assert (told[1] == np.where(here, rows, 0)).all()
