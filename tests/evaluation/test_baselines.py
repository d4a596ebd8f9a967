from recommender.evaluation import baselines
from recommender.evaluation.baselines import character_tfidf, character_tfidf_of_texts

CORPUS = {
    "zh1": "产教融合治理",
    "en1": "Deep nets",
    "zh2": "城市治理",  # shares three tokens of one and two characters with zh1: 治 理 治理
    "zh3": "产教融合改革",  # shares seven of eleven: 产 教 融 合 产教 教融 融合
    "en2": "DEEP water",
}


def test_what_shares_more_characters_and_pairs_of_them_comes_first():
    assert character_tfidf(CORPUS, k=5) == {
        "zh1": ["zh3", "zh2"],
        "en1": ["en2"],
        "zh2": ["zh1"],
        "zh3": ["zh1"],
        "en2": ["en1"],
    }


def test_upper_and_lower_case_are_the_same_character():
    assert character_tfidf({"q": "NET", "a": "n", "b": "net"}, k=2)["q"] == ["b", "a"]


def test_the_order_of_characters_counts():
    # idf: 山 水 1; 山水 1 + ln 4/3 = 1.29; 水山 画 水画 1 + ln 2 = 1.69. Cosine with 山水:
    # 水山 2 / sqrt(3.66 * 4.87) = 0.47; 山水画 sqrt(3.66 / 9.39) = 0.62, although it is longer
    assert character_tfidf({"q": "山水", "a": "水山", "b": "山水画"}, k=2)["q"] == ["b", "a"]


def test_a_rare_character_counts_more_than_a_common_one_and_ties_fall_by_corpus_order():
    corpus = {"d": "的丁", "q": "的甲", "e": "的戊", "a": "的乙", "b": "甲丙"}
    assert character_tfidf(corpus, k=4)["q"] == ["b", "d", "e", "a"]


def test_a_ranking_is_cut_at_k():
    corpus = {"d": "的丁", "q": "的甲", "e": "的戊", "a": "的乙", "b": "甲丙"}
    assert character_tfidf(corpus, k=2)["q"] == ["b", "d"]


def test_exact_copies_of_the_query_are_no_answer_but_answer_others():
    run = character_tfidf({"copy": CORPUS["zh1"], **CORPUS}, k=5)
    assert run["zh1"] == run["copy"] == ["zh3", "zh2"]
    assert run["zh3"] == ["copy", "zh1"]


def test_a_text_without_a_letter_neither_asks_nor_answers():
    run = character_tfidf({"blank": "", "dots": "……", **CORPUS}, k=9)
    assert run == character_tfidf(CORPUS, k=9)
    assert character_tfidf({"blank": " "}, k=5) == character_tfidf({}, k=5) == {}


def test_only_the_queries_asked_for_are_ranked_over_the_whole_corpus():
    assert character_tfidf(CORPUS, k=5, queries=["zh2", "nowhere"]) == {"zh2": ["zh1"]}


def test_the_size_of_a_block_changes_nothing(monkeypatch):
    whole = character_tfidf(CORPUS, k=5)
    monkeypatch.setattr(baselines, "BLOCK", 2 * len(CORPUS))
    assert character_tfidf(CORPUS, k=5) == whole
    monkeypatch.setattr(baselines, "BLOCK", 1)
    assert character_tfidf(CORPUS, k=5) == whole


def test_a_text_finds_what_a_paper_with_it_would_find_and_that_paper():
    asked = {"q": CORPUS["zh1"], "mute": "?!", "stranger": "ω"}
    assert character_tfidf_of_texts(asked, CORPUS, k=5) == {"q": ["zh1", "zh3", "zh2"], "stranger": []}
    assert character_tfidf_of_texts(asked, CORPUS, k=1)["q"] == ["zh1"]
    assert character_tfidf_of_texts({}, CORPUS, k=1) == character_tfidf_of_texts(asked, {"a": "!"}, k=1) == {}
