import numpy as np

from recommender.training.pairs import Pairs
from recommender.training.tokenised import TokenisedPairs, TokenisedTexts

WORDS = ["[UNK]", "cat", "dog", "sun"]


def test_a_bag_holds_each_text_as_shares_of_its_tokens(tokenizer):
    texts = TokenisedTexts.of(["cat dog", "sun", "cat cat cat dog sun"], tokenizer, max_tokens=4)
    assert len(texts) == 3
    tokens, bag = texts.bag(np.array([2, 0]))
    assert [WORDS[token] for token in tokens] == ["cat", "dog"]
    assert bag.toarray().tolist() == [[0.75, 0.25], [0.5, 0.5]]  # the fifth token was cut off


def test_a_text_without_a_token_is_a_row_of_zeros(tokenizer):
    tokens, bag = TokenisedTexts.of(["", "sun"], tokenizer, max_tokens=4).bag(np.array([0, 1]))
    assert (tokens.tolist(), bag.toarray().tolist()) == ([3], [[0], [1]])


def test_pairs_come_back_from_their_file(tokenizer, tmp_path):
    pairs = TokenisedPairs.of(Pairs(["cat", "dog", "cat"], ["sun", "", "dog sun"]), tokenizer, 4)
    pairs.save(tmp_path / "pairs")
    again = TokenisedPairs.load(tmp_path / "pairs")
    assert len(again) == 3
    assert again.left_text.tolist() == [0, 1, 0]
    assert again.right.ids.tolist() == [3, 2, 3]
    assert again.right.starts.tolist() == [0, 1, 1, 3]
    assert (again.left.ids.dtype, again.left.starts.dtype) == (np.int32, np.int64)


def test_no_pairs_are_a_stream_of_none(tokenizer, tmp_path):
    pairs = TokenisedPairs.of(Pairs(), tokenizer, 4)
    pairs.save(tmp_path / "pairs")
    assert len(TokenisedPairs.load(tmp_path / "pairs")) == 0
