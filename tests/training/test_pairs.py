import random

from hypothesis import given
from hypothesis import strategies as st

from recommender.training.pairs import LONGEST, Pairs, cleaned, fingerprints, halves, held_out


def test_pairs_that_teach_nothing_are_refused_and_counted():
    pairs = Pairs()
    for left, right in [
        ("cat", "gato"),
        ("", "perro"),
        ("123", "sol"),
        ("Radio", "radio "),
        ("cat", "gato"),
        ("luna", "the development text"),
        ("машина", "機械"),
        ("moon", "luna " * 40),
    ]:
        pairs.add(left, right)
    kept, refused = cleaned(pairs, fingerprints(["The  Development Text"]), "term/es")
    assert list(kept) == [("cat", "gato")]
    assert refused == {
        "empty side": 2,
        "both sides alike": 1,
        "said before": 1,
        "in an evaluation set": 1,
        "wrong language": 1,
        "out of proportion": 1,
    }


def test_a_stream_without_a_name_promises_neither_language_nor_length():
    kept, refused = cleaned(Pairs(["машина", "moon"], ["機械", "luna " * 40]), frozenset())
    assert (len(kept), refused) == (2, {})


def test_texts_too_short_to_tell_apart_are_no_leak():
    kept, _ = cleaned(Pairs(["cat"], ["gato"]), fingerprints(["cat"]))
    assert len(kept) == 1


def test_very_long_sides_are_cut():
    pairs = Pairs()
    pairs.add("x" * (LONGEST + 1), "y")
    assert len(pairs.left[0]) == LONGEST


def test_about_the_share_asked_for_is_held_out_and_always_the_same():
    ids = [f"paper:{number}" for number in range(4000)]
    chosen = [paper for paper in ids if held_out(paper, share=0.1, salt="s")]
    assert 320 < len(chosen) < 480
    assert chosen == [paper for paper in ids if held_out(paper, share=0.1, salt="s")]
    assert chosen != [paper for paper in ids if held_out(paper, share=0.1, salt="t")]


def test_halves_hold_every_sentence_once_in_order():
    text = "一。 二！ 三？ 四。 五。"
    left, right = halves(text, random.Random(1))
    assert sorted(left.split() + right.split()) == sorted(text.split())
    assert all(
        [*map(text.index, half.split())] == sorted(map(text.index, half.split())) for half in (left, right)
    )
    assert {halves(text, random.Random(seed)) for seed in range(9)} != {(left, right)}


def test_a_text_of_few_sentences_is_split_at_its_clauses_or_not_at_all():
    left, right = halves("甲，乙，丙，丁。", random.Random(1))
    assert sorted([*left.split(), *right.split()]) == sorted(["甲，", "乙，", "丙，", "丁。"])
    assert halves("Alpha. Beta. Gamma.", random.Random(1)) is None
    assert halves("", random.Random(1)) is None


@given(text=st.text(alphabet="ab。，. \n", max_size=60), seed=st.integers(0, 9))
def test_no_half_is_empty(text, seed):
    found = halves(text, random.Random(seed))
    assert found is None or all(half.strip() for half in found)
