from recommender.training.pairs import LONGEST, Pairs, cleaned, fingerprints, held_out


def test_pairs_that_teach_nothing_are_refused_and_counted():
    pairs = Pairs()
    for left, right in [
        ("cat", "gato"),
        ("", "perro"),
        ("123", "sol"),
        ("Radio", "radio "),
        ("cat", "gato"),
        ("luna", "the development text"),
    ]:
        pairs.add(left, right)
    kept, refused = cleaned(pairs, fingerprints(["The  Development Text"]))
    assert list(kept) == [("cat", "gato")]
    assert refused == {
        "empty side": 2,
        "both sides alike": 1,
        "said before": 1,
        "in an evaluation set": 1,
    }


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
