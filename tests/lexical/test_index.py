"""The lexical index on the disk answers as the matrix that it was written from, to the last bit."""

import shutil
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.errors import BuildError
from recommender.lexical import LexicalIndex, TermMatrix, write_lexical
from recommender.lexical.compiled import AT_ONCE
from recommender.lexical.index import COMPILED_AFTER, FILES, USUAL, read_usual
from recommender.lexical.matches import SAMPLED, Blocks, sample

TEXTS = [
    "产教融合背景下的专业群建设",
    "职教改革：产教融合与校企合作",
    "中学数学课堂提问",
    "Firms train 3.5 % fewer apprentices since COVID-19",
    "Les entreprises forment moins d'apprentis: 3.5 %",
    "",
]
SCRIPTS = "产教融合產學abcéяデ한국ไทย12.， "


@pytest.fixture
def opened(tmp_path):
    return written(TEXTS, tmp_path)


def written(texts, folder):
    write_lexical(TermMatrix.of(texts), folder)
    return LexicalIndex(folder, len(texts))


def scores(index, text):
    return index.scores(index.question(text)).values.tolist()


def found_by(index, text):
    return np.flatnonzero(scores(index, text)).tolist()


def assert_answers_as_the_matrix(texts, folder):
    index, matrix = written(texts, folder), TermMatrix.of(texts)
    everything = np.arange(len(texts))
    for row, text in enumerate(texts):
        assert scores(index, text) == matrix.similarities(np.full(len(texts), row), everything).tolist()


def test_a_text_of_the_corpus_scores_as_its_row(tmp_path):
    assert_answers_as_the_matrix(TEXTS, tmp_path)


@given(st.lists(st.text(SCRIPTS, max_size=60), max_size=6))
def test_any_text_of_any_corpus_scores_as_its_row(tmp_path_factory, texts):
    assert_answers_as_the_matrix(texts, tmp_path_factory.mktemp("index"))


def test_long_texts_score_as_their_rows(tmp_path):
    chance = np.random.default_rng(5)
    words = [f"w{number}" for number in range(800)]
    assert_answers_as_the_matrix([" ".join(chance.choice(words, size=400)) for _ in range(20)], tmp_path)


def test_a_question_names_the_words_that_the_corpus_knows(opened):
    question = opened.question("Apprentices, apprentices and 提问 of unheard-of kinds")
    assert sorted(question.tokens) == sorted(["apprentices", "提", "问", "提问"])
    assert (np.diff(question.columns) > 0).all()
    assert 0.3 < np.linalg.norm(question.weights) < 0.8  # the unknown words have the rest of the length
    heaviest = question.tokens[int(question.weights.argmax())]
    assert heaviest == "apprentices"


@pytest.mark.parametrize("text", ["", "。", "zebra", "斑馬 кит"])
def test_a_question_without_known_words_scores_nothing(opened, text):
    question = opened.question(text)
    assert question.tokens == ()
    assert opened.scores(question).values.tolist() == [0.0] * len(TEXTS)


def test_the_more_words_are_unknown_the_less_the_known_ones_say(opened):
    every = [max(scores(opened, "apprentices" + " zebra"[: 6 * n] + " quagga" * (n > 1))) for n in range(3)]
    assert every == sorted(every, reverse=True)
    assert every[2] < every[1] < every[0]


def test_traditional_and_simplified_are_one_question(opened):
    assert scores(opened, "產教融合與職業教育") == scores(opened, "产教融合与职业教育")
    assert found_by(opened, "產教融合") == [0, 1]


def test_traditional_papers_are_found_by_simplified_words(tmp_path):
    index = written(["職業學校與企業", "气候变化"], tmp_path)
    assert scores(index, "职业学校与企业") == pytest.approx([1.0, 0.0], abs=1e-3)


def test_full_and_half_width_are_one_question(opened):
    assert scores(opened, "ＣＯＶＩＤ－１９") == scores(opened, "covid-19")
    assert found_by(opened, "ＣＯＶＩＤ－１９") == [3]


@pytest.mark.parametrize(("word", "rows"), [("产教", [0, 1]), ("职教", [1]), ("数学", [2]), ("校企", [1])])
def test_a_word_of_two_characters_finds_the_papers_that_have_it(tmp_path, word, rows):
    texts = [
        text if row in rows else "".join(c for c in text if c not in word) for row, text in enumerate(TEXTS)
    ]
    assert found_by(written(texts, tmp_path), word) == rows


def test_a_word_outweighs_its_scattered_characters(tmp_path):
    index = written(["产业与教师", "产教一体", "教师与产业"], tmp_path)
    apart, whole, turned = scores(index, "产教")
    assert whole > max(apart, turned) > 0


@pytest.mark.parametrize(
    ("text", "rows"),
    [("3.5", [3, 4]), ("apprentices", [3]), ("APPRENTIS", [4]), ("19", [3]), ("d", [4]), ("apprentic", [])],
)
def test_latin_words_and_numbers_are_found_whole(opened, text, rows):
    assert found_by(opened, text) == rows


def test_a_question_of_one_word_scores_its_weight_in_each_row(tmp_path):
    # the rows of ["red blue blue", "blue"], as in test_matrix
    index = written(["red blue blue", "blue"], tmp_path)
    assert scores(index, "blue") == pytest.approx([0.58443, 1.0], rel=1e-3)
    assert scores(index, "red") == pytest.approx([0.81144, 0.0], rel=1e-3)
    assert len(index) == 2


@pytest.mark.parametrize("name", FILES)
def test_a_missing_or_cut_file_is_refused(opened, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(BuildError, match=name):
        LexicalIndex(tmp_path, len(TEXTS))
    path.unlink()
    with pytest.raises(BuildError, match=name):
        LexicalIndex(tmp_path, len(TEXTS))


@pytest.mark.parametrize("names", [*((name,) for name in FILES), [*FILES][:2], [*FILES][2:]], ids=" ".join)
def test_files_of_another_corpus_are_refused(opened, tmp_path, tmp_path_factory, names):
    other = tmp_path_factory.mktemp("other")
    written([*TEXTS, "one more paper"], other)
    for name in names:
        shutil.copy(other / name, tmp_path / name)
    with pytest.raises(BuildError, match="do not fit each other"):
        LexicalIndex(tmp_path, len(TEXTS))


def test_the_files_hold_what_their_names_promise(opened, tmp_path):
    assert {path.name: np.load(path).dtype for path in tmp_path.glob("*.npy")} == FILES
    assert read_usual(tmp_path) == TermMatrix.of(TEXTS).usual


@pytest.mark.parametrize("content", [None, b"", b"[]", b'{"n_texts": 2}', b'{"n_texts": "x", "length": 1}'])
def test_what_is_usual_is_refused_unless_it_is_whole(opened, tmp_path, content):
    (tmp_path / USUAL).unlink()
    if content is not None:
        (tmp_path / USUAL).write_bytes(content)
    with pytest.raises(BuildError, match=r"lexical\.json cannot be read"):
        LexicalIndex(tmp_path, len(TEXTS))


def requested(index, text):
    return index.scores(index.request(text)).values.tolist()


def test_a_request_of_few_words_weighs_them_by_their_plain_rarity_and_rows_by_their_pivots(tmp_path):
    # as above; lengths 2.05335 and 1, usual 1.526677; pivots 1.23820 and 0.71684. Blue, which
    # both have, is worth 1, red 1 + ln 1.5 = 1.40547; scaled to length 1, 0.57974 and 0.81481.
    index = written(["red blue blue", "blue"], tmp_path)
    assert requested(index, "blue") == pytest.approx([0.58443 * 1.23820, 0.71684], rel=1e-3)
    both = [(0.81481 * 0.81144 + 0.57974 * 0.58443) * 1.23820, 0.57974 * 0.71684]
    assert requested(index, "blue red") == pytest.approx(both, rel=1e-3)
    assert requested(index, "") == [0.0, 0.0]


def test_a_long_paper_with_all_of_the_words_is_before_a_short_one_with_the_rarest(tmp_path):
    filling = " ".join(f"w{number}" for number in range(16))
    texts = [f"bees pesticides colony health {filling}", "bees", *["pesticides colony health in fields"] * 4]
    index = written(texts, tmp_path)
    assert int(np.argmax(scores(index, "bees pesticides colony health"))) != 0
    assert int(np.argmax(requested(index, "bees pesticides colony health"))) == 0


def test_a_text_as_long_as_a_paper_is_compared_as_one(opened):
    long = " ".join(f"apprentices w{number}" for number in range(60))
    assert requested(opened, long) == scores(opened, long)
    assert not opened.request(long).wants_all
    few = " ".join(f"apprentices w{number}" for number in range(23))
    assert opened.request(few).wants_all


def test_a_question_tells_how_much_of_it_is_known(opened):
    assert opened.request("apprentices zebra quagga 3.5").known == 0.5
    assert opened.request("apprentices apprentices").known == 1.0
    assert opened.request("").known == 0.0


@pytest.mark.parametrize("copies", [1, 40])
def test_a_row_has_as_much_of_a_request_as_the_rarity_of_its_words_squared_says(tmp_path, copies):
    # of 2 (or 41) rows "blue" is in all, 1; "red" in one; "gnu" in none; so few rows are looked at alone
    index = written(["red blue blue", *["blue"] * copies], tmp_path)
    red, gnu = 1 + np.log((copies + 2) / 2), 1 + np.log(copies + 2)
    request = index.request("gnu red blue")
    total = 1 + red**2 + gnu**2
    found = [index.covered(request, np.array(rows)).tolist() for rows in ([1, 0], [1])]
    assert found[0] == pytest.approx([1 / total, (1 + red**2) / total])
    assert found[1] == pytest.approx([1 / total])
    assert index.covered(index.request("gnu"), np.array([0, 1])).tolist() == [0.0, 0.0]


def test_pairs_of_characters_are_no_part_of_how_much_of_a_request_a_row_has(tmp_path):
    # no paper has the pair that reaches from the name to what is asked of it
    index = written(["甲乙丙丁", "丙丁与甲乙"], tmp_path)
    assert index.request("乙甲").known < 1
    assert index.covered(index.request("乙甲"), np.array([0, 1])).tolist() == pytest.approx([1.0, 1.0])


def test_rows_that_follow_each_other_have_as_much_of_a_request_as_each_by_itself(tmp_path):
    chance = np.random.default_rng(5)
    words = [f"w{number}" for number in range(40)]
    texts = [" ".join(chance.choice(words, size=6)) for _ in range(2 * SAMPLED + 77)]
    index, rows = written(texts, tmp_path), sample(range(30, len(texts) - 5))
    for text in ("w1 w2 w3", "w7", "gnu w39", "gnu"):
        request = index.request(text)
        expected = np.concatenate([index.covered(request, rows[place : place + 1]) for place in range(600)])
        np.testing.assert_array_equal(index.covered(request, rows)[:600], expected)


def compiled(index):
    """Ask until the sums are compiled."""
    for _ in range(COMPILED_AFTER):
        scores(index, "培养")
    for thread in threading.enumerate():
        if thread.name == "compiling":
            thread.join()
    return index


def test_compiled_sums_are_those_of_numpy(tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.lexical.index.FEW_OF", 10**9)  # however few rows share a word
    chance = np.random.default_rng(8)
    words = [f"w{number}" for number in range(300)]
    texts = [" ".join(chance.choice(words, size=12)) for _ in range(2 * AT_ONCE + 77)]
    asked = [*texts[:20], "w1", "w1 w2 " + " ".join(f"w{number}" for number in range(70))]
    index = written(texts, tmp_path)
    questions = asked_in(index, asked)
    every = [index.scores(question) for question in questions]
    assert index._postings._summed.__module__ == "recommender.lexical.postings"
    monkeypatch.setattr("recommender.lexical.index.COMPILED_FROM", 100)
    again = compiled(LexicalIndex(tmp_path, len(texts)))
    assert again._postings._summed.__module__ == "recommender.lexical.compiled"
    for question, plain in zip(questions, every, strict=True):
        fast = again.scores(question)
        assert (plain.n_looked_up, fast.n_looked_up) == (0, len(question.columns))
        np.testing.assert_array_equal(fast.values, plain.values)  # to the last bit
        np.testing.assert_allclose(fast.telling, plain.telling, rtol=1e-6)  # half as much to be written
        np.testing.assert_allclose(fast.known.highest, plain.known.highest, rtol=1e-6)
        np.testing.assert_allclose(fast.known.sums, plain.known.sums, rtol=1e-6)
        np.testing.assert_allclose(fast.known.squares, plain.known.squares, rtol=1e-6)
        for rows in (np.arange(len(texts)), np.arange(5, len(texts), 301), np.array([9, 8, 9, 400])):
            np.testing.assert_array_equal(again.covered(question, rows), index.covered(question, rows))


@pytest.fixture(scope="module")
def written_large(tmp_path_factory):
    """The folder of an index of texts of rare words, and of common ones that nearly all of them have."""
    chance = np.random.default_rng(8)
    rare = [f"w{number}" for number in range(400)]
    usual = ["the", "of", "and", "with"]
    texts = [
        " ".join([*chance.choice(rare, 6), *(word for word in usual if chance.random() < 0.9)])
        for _ in range(2 * AT_ONCE + 77)
    ]
    folder = tmp_path_factory.mktemp("large")
    written(texts, folder)
    return folder, texts


@pytest.fixture
def large(written_large, monkeypatch):
    monkeypatch.setattr("recommender.lexical.index.FEW_OF", 10**9)
    folder, texts = written_large
    return LexicalIndex(folder, len(texts)), texts


def asked_in(index, texts):
    return [ask(text) for ask in (index.request, index.question) for text in texts]


def test_words_that_most_rows_have_are_looked_up_where_there_are_many_rows(large, written_large, monkeypatch):
    index, texts = large
    questions = asked_in(index, [*texts[:20], "the and w7 w9 w11 w15", "of the zebra w7 w8"])
    exact = [index.scores(question) for question in questions]
    assert not any(one.common for one in exact)
    monkeypatch.setattr("recommender.lexical.index.LOOKED_UP_FROM", 100)
    monkeypatch.setattr("recommender.lexical.index.COMPILED_FROM", 100)
    fast = compiled(LexicalIndex(written_large[0], len(texts)))
    rows = np.random.default_rng(1).permutation(len(texts))[:500]
    every = range(len(texts))
    for question, one in zip(questions, exact, strict=True):
        for other in (index.scores(question), fast.scores(question)):
            assert 0 < len(other.common) < 5
            np.testing.assert_allclose(other.values, one.values, rtol=1e-12)
            np.testing.assert_allclose(other.of(rows), one.of(rows), rtol=1e-12)
            assert other.spread(every) == pytest.approx(one.spread(every), rel=0.03)
            assert other.spread(range(50, 90)) == pytest.approx(one.spread(range(50, 90)))


@pytest.mark.parametrize("text", ["the", "of and the", "the of w1"])
def test_words_that_say_much_of_a_question_are_added_up_however_common(large, monkeypatch, text):
    index, _ = large
    monkeypatch.setattr("recommender.lexical.index.LOOKED_UP_FROM", 100)
    monkeypatch.setattr("recommender.lexical.index.SAID_BY_COMMON", 0.01)
    assert index.scores(index.request(text)).common is None


def test_where_few_rows_share_a_word_only_these_are_looked_at(tmp_path, monkeypatch):
    texts = ["rare words", *["common words"] * 200]
    index = written(texts, tmp_path)
    asked = [index.request("rare"), index.question("rare"), index.request("rare zebra")]
    few = [index.scores(question) for question in asked]
    assert [one.known.tolist() for one in few] == [[0]] * len(asked)
    monkeypatch.setattr("recommender.lexical.index.FEW_OF", 10**9)
    for question, one in zip(asked, few, strict=True):
        many = index.scores(question)
        assert isinstance(many.known, Blocks)
        assert one.values.tolist() == many.values.tolist()


def test_a_small_corpus_and_a_single_question_compile_nothing(opened, tmp_path, monkeypatch):
    assert compiled(opened)._postings._summed.__module__ == "recommender.lexical.postings"
    monkeypatch.setattr("recommender.lexical.index.COMPILED_FROM", 1)
    again = LexicalIndex(tmp_path, len(TEXTS))
    scores(again, "产教融合")
    assert "compiling" not in {thread.name for thread in threading.enumerate()}
