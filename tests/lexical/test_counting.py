"""Words of many texts counted together are those of each counted by itself."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.lexical.counting import count_words
from recommender.lexical.weighting import counted, name_of, part_of

MIXED = "产教融合產學日本語カナがabcéяデ한국ไทย12.3\u0300\u3099， \n"


def each(texts):
    """Return the counts of each text, by name, and the part of each name."""
    words = count_words(texts)
    ends = np.cumsum(words.sizes)
    found = []
    for start, end in zip([0, *ends], ends, strict=False):
        own = slice(start, end)
        found.append(
            dict(zip(words.names[words.columns[own]].tolist(), words.counts[own].tolist(), strict=True))
        )
    return found, dict(zip(words.names.tolist(), words.parts.tolist(), strict=True))


def assert_as_by_itself(texts):
    found, parts = each(texts)
    assert found == [{name_of(token): n for token, n in counted(text).items()} for text in texts]
    tokens = Counter(token for text in texts for token in counted(text))
    assert parts == {name_of(token): part_of(token) for token in tokens}


@given(st.lists(st.text(MIXED, max_size=40), max_size=8))
def test_any_texts(texts):
    assert_as_by_itself(texts)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=4))
def test_texts_of_any_characters(texts):
    assert_as_by_itself(texts)


@pytest.mark.parametrize("n", [3, 70_000])
def test_many_texts_as_well_as_few(n):
    texts = ["产教", "", "教 and 教"] * (n // 3)
    found, _ = each(texts)
    assert found[-3:] == found[:3]
    assert found[2] == {name_of("教"): 2, name_of("and"): 1}
