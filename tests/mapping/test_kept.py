"""Maps that were drawn before: whatever became of the file, it is used as it was written or not at all."""

from types import SimpleNamespace

import pytest

from recommender.mapping.drawn import SEED
from recommender.mapping.kept import FORMAT, kept_map

WHOLE = (
    f'{{"format": {FORMAT}, "seed": {SEED}, "build": "b", "points": [[0, 1], [2, 3]], "cluster": [0, 0],'
    ' "clusters": [], "neighbours": [[1], [0]]}'
)
BUILD = SimpleNamespace(manifest=SimpleNamespace(build_id="b", n_papers=2))


def test_a_whole_one_is_used(tmp_path):
    (tmp_path / "b.json").write_text(WHOLE)
    assert kept_map(BUILD, tmp_path).points.tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[1]",
        "[" * 100_000,
        WHOLE.replace('"b"', '"c"'),
        WHOLE.replace("[0, 0]", f"[0, {10**30}]"),
        WHOLE.replace("[0, 0]", "[0]"),
        WHOLE.replace("[[0, 1], [2, 3]]", "[[0, 1], [2]]"),
        WHOLE.replace('"clusters": []', '"clusters": [7]'),
    ],
    ids=lambda content: content[:60],
)
def test_a_damaged_one_is_none(tmp_path, content):
    (tmp_path / "b.json").write_text(content)
    assert kept_map(BUILD, tmp_path) is None


def test_where_none_was_drawn_there_is_none(tmp_path):
    assert kept_map(BUILD, tmp_path) is None
