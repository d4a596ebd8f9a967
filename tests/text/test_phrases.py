import pytest

from recommender.text.phrases import phrases
from recommender.text.tokens import tokens


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        ("推进产教融合", "产教融合的治理", {"产教融合"}),
        ("推進產教融合", "产教融合", {"产教融合"}),
        ("产教融合与融合教育", "融合教育", {"融合教育"}),
        ("产业与教育", "教师与产品", {"产", "与", "教"}),
        ("Graph neural networks", "neural GRAPH", {"graph", "neural"}),
        ("기계 학습", "기계학습", {"기계", "학습"}),
        ("版本 3.5 与 GPT", "gpt 3.5", {"3.5", "gpt"}),
        ("abc", "xyz", set()),
        ("", "产教", set()),
    ],
)
def test_shared_tokens_are_joined_as_far_as_both_texts_go(text, other, expected):
    shared = {*tokens(text)} & {*tokens(other)}
    found = phrases(text, shared)
    assert {*found.values()} == expected
    assert found.keys() == shared


def test_a_token_goes_to_the_longest_of_its_phrases():
    shared = {*tokens("产教融合 融合")}
    assert phrases("融合。产教融合", shared)["融合"] == "产教融合"
