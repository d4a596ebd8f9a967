import pytest

from recommender.embedding.static import StaticEmbedder
from recommender.settings import bundled
from recommender.text.han import folded
from recommender.text.phrases import shared_phrases
from recommender.text.tokens import tokens
from tests.conftest import LINEAR, times_as_long


@pytest.fixture(scope="module")
def segments():
    """How the bundled model cuts words apart."""
    return StaticEmbedder(bundled("models", "fast")).segments


@pytest.mark.parametrize(
    ("text", "other", "expected"),
    [
        # a phrase is as long as both texts have it, and no part of it is named beside it
        ("推进产教融合", "产教融合的治理", ["产教融合"]),
        ("推進產教融合", "产教融合", ["产教融合"]),
        ("产教融合与职业教育", "职业教育中的产教融合和教育", ["产教融合", "职业教育"]),
        # it neither begins nor ends within a word of either
        ("沙漠化及成因", "荒漠化及成因", ["成因"]),
        ("强化人才培养", "优化人才培养", ["人才培养"]),
        ("为破解职业教育的矛盾", "研究认为破解矛盾", ["破解", "矛盾"]),
        ("三江源的沙漠化与演化", "扩散与演化规律", ["演化"]),
        # or within a long word that is joined from two in one of them
        ("京津冀地区的城市", "京津冀的城市群", ["京津冀"]),
        ("技术技能人才", "技术技能", ["技术技能"]),
        # nor holds a function word, or consists of what any abstract says
        ("增强职业教育的适应性", "增强职业教育的适应性", ["增强职业教育", "适应性"]),
        ("在研究的基础上分析影响因素", "研究的基础上,分析方法", []),
        ("干旱引发的沙漠化", "工业引发的污染", []),
        ("增加趋势显著", "显著的增加趋势", ["增加趋势"]),
        ("研究目的与标的资产", "研究目的,标的资产", ["标的资产"]),
        # words between spaces
        ("Graph neural networks for molecules", "neural networks, a graph", ["graph", "neural networks"]),
        ("Graph-based neural networks", "neural-networks", ["neural networks"]),
        ("The results of this study were", "the results of this study", []),
        ("Effects of heavy metals in soil", "soil with heavy metals", ["heavy metals", "soil"]),
        ("art of war", "state of the arts", []),
        ("das Recht und die Ordnung", "die Ordnung und das Recht", ["recht", "ordnung"]),
        # numbers and letters by themselves say nothing
        ("in 2019, 3.5 % of p", "2019 and 3.5 of p", []),
        ("covid 19 vaccine", "vaccine for covid 19", ["covid 19", "vaccine"]),
        ("2019年", "2020年", []),
        ("茶", "茶叶与茶", ["茶"]),
        # other scripts
        ("機械学習を用いた地震波の解析", "地震波による機械学習の解析", ["机械学习", "地震波", "解析"]),
        ("ニューラルネットワーク", "ニューロン", []),
        ("기계학습을 위한 연구", "기계학습의 응용", ["기계학습"]),
        ("abc", "xyz", []),
        ("", "产教", []),
    ],
)
def test_phrases_that_two_texts_share_are_words_that_people_would_name(segments, text, other, expected):
    found = shared_phrases(text, other, segments, {"zh", "en", "de"})
    assert sorted(found) == sorted(expected)
    for phrase, own in found.items():
        spaces = folded(text).replace("-", " "), folded(other).replace("-", " ")
        assert all(phrase in written for written in spaces)
        assert own == {*tokens(phrase)} <= {*tokens(text)} & {*tokens(other)}


def test_without_a_segmenter_phrases_still_end_at_the_commonest_function_words():
    found = shared_phrases("强化产教融合的治理", "优化产教融合的成效")
    assert [*found] == ["化产教融合"]


N = 400  # of which four times as many are not yet longer than what is looked at


@pytest.mark.parametrize("unit", ["a ", "b c ", "茶", "甲乙", "x-"])
def test_texts_that_repeat_themselves_take_linear_time(unit):
    assert times_as_long(lambda n: shared_phrases(unit * n, unit * (n * 4 // 5)), N) < LINEAR
