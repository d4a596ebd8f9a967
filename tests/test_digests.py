import hashlib

import numpy as np

from recommender.digests import digests_of, first_copies, rows_of


def test_texts_are_found_by_their_digests_copy_by_copy():
    before, after = (
        digests_of(hashlib.sha256(text.encode()).hexdigest() for text in texts)
        for texts in ("abcac", "ccdaacc")
    )
    assert rows_of(after, before).tolist() == [2, 4, -1, 0, 3, 4, 4]
    assert rows_of(after, before[:0]).tolist() == [-1] * 7
    assert rows_of(after[:0], before).tolist() == []


def test_digests_that_begin_alike_are_told_apart():
    before, after = (digests_of([f"{'ab' * 31}{end}" for end in ends]) for ends in (["00"], ["01"]))
    assert rows_of(after, before).tolist() == [-1]
    assert first_copies(np.concatenate([before, after, before])).tolist() == [0, 1, 0]
    alike = digests_of([f"{'ab' * 31}{end:02x}" for end in (3, 1, 3, 2, 1)])
    assert first_copies(alike).tolist() == [0, 1, 0, 3, 1]


def test_the_first_copy_of_a_text_is_its_first_row():
    digests = digests_of(hashlib.sha256(text.encode()).hexdigest() for text in "abcacba")
    assert first_copies(digests).tolist() == [0, 1, 2, 0, 2, 1, 0]
    assert first_copies(digests[:0]).tolist() == []
