"""The data folder, read into questions: a folder of a few records whose questions are known."""

import json
import lzma

import pytest

from recommender.errors import UsageError
from recommender.training.development import QUICK, SETS, ask, measure, read_tasks
from recommender.training.development import english as english_sets
from recommender.training.development.chinese import PARTS
from recommender.training.development.lexical import CharacterTfidf
from recommender.training.development.systems import EmbeddingSystem
from recommender.training.pairs import held_out
from recommender.training.sources import is_close


def unseen(name, count, **how):
    """Return the first ids that the hash keeps from training, and as many that it does not."""
    ids = [f"{name}:{number}" for number in range(400)]
    return (
        [one for one in ids if held_out(one, **how)][:count],
        [one for one in ids if not held_out(one, **how)][:count],
    )


ARXIV, ARXIV_TRAINED = unseen("arxiv", 3)
CITED, CITED_TRAINED = unseen("chinaxiv", 2, share=0.1, salt="citation")


def zh(paper_id, text):
    return {"id": paper_id, "title": text[:2], "abstract": text, "lang": "zh"}


def arxiv(paper_id, text, **more):
    return {"id": paper_id, "title": text[:3], "abstract": text, "lang": "en", **more}


def pair(src, tgt, kind="abstract"):
    return {"src": src, "tgt": tgt, "kind": kind, "src_lang": "zh", "tgt_lang": "en"}


FILES = {
    "dev/csl": [
        {**zh("c0", "aab"), "keywords": ["k"], "discipline": "A", "category": "one"},
        {**zh("c1", "aac"), "keywords": ["k", "l"], "discipline": "A", "category": "one"},
        {**zh("c2", "zzb"), "keywords": ["m"], "discipline": "Z", "category": "two"},
    ],
    "dev/chinaxiv_zh_en": [pair("aab", "aaab"), pair("zz", "zzz", "title"), pair("k", "k", "keyword")],
    "parallel/chinaxiv_zh_en": [pair("bbc", "bbbc"), pair("yy", "yyy", "title")],
    "dev/tatoeba": [
        {"src": "aab", "tgt": "aaab", "src_lang": "de", "tgt_lang": "en"},
        {"src": "zzc", "tgt": "zzzc", "src_lang": "de", "tgt_lang": "en"},
        {"src": "zzc", "tgt": "zzzc", "src_lang": "ka", "tgt_lang": "en"},
    ],
    "dev/tico19_pubmed": [
        {"id": "aab", "en": "aaab", "fr": "zzz", "hi": "aab", "bn": "q"},
        {"id": "zzc", "en": "zzzc"},
    ],
    "papers/chinaxiv_zh": [
        zh(CITED[0], "aab"),
        zh(CITED_TRAINED[0], "aac"),
        zh(CITED[1], "zzb"),
        zh(CITED_TRAINED[1], "zzc"),
    ],
    "papers/chinaxiv_citation_pairs": [
        {"a": CITED[0], "b": CITED_TRAINED[0], "kind": "cites"},
        {"a": CITED_TRAINED[1], "b": CITED[1], "kind": "coupling", "shared_refs": 3, "char3_jaccard": 0.03},
        {"a": CITED[0], "b": CITED[1], "kind": "coupling", "shared_refs": 2, "char3_jaccard": 0.5},
        {"a": CITED_TRAINED[0], "b": CITED_TRAINED[1], "kind": "cites"},
        {"a": CITED[0], "b": "chinaxiv:gone", "kind": "cites"},
    ],
    "papers/arxiv_en": [
        arxiv(ARXIV[0], "aaab", label="cs.CV", cats=["cs.CV", "cs.LG"]),
        arxiv(ARXIV_TRAINED[0], "aaac", label="cs.CV", cats=["cs.CV", "cs.LG"]),
        arxiv(ARXIV[1], "aaad", label="cs.CV", cats=["cs.CV", "cs.CL"]),
        arxiv(ARXIV[2], "zzzb"),
    ],
    "papers/acl_anthology": [
        {"id": "acl:2020.acl-srw.1", "title": "t", "abstract": "aaab", "lang": "en"},
        {"id": "acl:2020.acl-srw.2", "title": "t", "abstract": "aaac", "lang": "en"},
        {"id": "acl:W17-5045", "title": "t", "abstract": "zzzb", "lang": "en"},
        {"id": "acl:W17-5046", "title": "t", "abstract": "zzzc", "lang": "fra"},
        {"id": "acl:http://www.lrec-conf.org/345.pdf", "title": "t", "abstract": "zzzd", "lang": "en"},
    ],
}
SEED_PAGE = "共查询到2条相似文献,搜索用时 0 毫秒\n1.\naab。 相似文献\n2.\naac。 相似文献\n"


@pytest.fixture
def data(tmp_path):
    for name, rows in FILES.items():
        path = tmp_path / "data" / f"{name}.jsonl.xz"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(lzma.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    (tmp_path / "seed").mkdir()
    (tmp_path / "seed" / "similar_page.txt").write_text(SEED_PAGE, encoding="utf-8")
    return tmp_path / "data"


@pytest.fixture
def figures(data, letters):
    def measured(name):
        found = ask(EmbeddingSystem(letters), read_tasks(data, [name]))
        return {figure.name: (figure.n, figure.model.mean) for figure in found}

    return measured


def test_csl_asks_for_discipline_keywords_title_and_category(figures):
    assert figures("csl") == {
        "CSL: same-discipline P@10": (3, pytest.approx((0.5 + 0.5 + 0) / 3)),
        "CSL: shared-keyword R@10": (2, 1),
        "CSL: title→abstract R@1": (3, pytest.approx(2 / 3)),  # aa is as near to aab as to aac
        "CSL: k-means into 2 categories, V-measure of 20 starts": (20, 1),
    }


def test_whole_records_are_asked_with_and_without_their_keywords_and_abstracts(data):
    record = {"title": "a", "abstract": "b", "keywords": ["c", "d"]}
    assert [text(record) for text in PARTS.values()] == ["a", "a\n\nc; d", "a\n\nb", "a\n\nb\n\nc; d"]
    tasks = read_tasks(data, ["records"])["records"]
    assert [(task.name, task.texts[1]) for task in tasks] == [
        ("CSL, titles: same-discipline P@10", "aa"),
        ("CSL, titles, keywords: same-discipline P@10", "aa\n\nk; l"),
        ("CSL, titles, abstracts: same-discipline P@10", "aa\n\naac"),
        ("CSL, titles, abstracts, keywords: same-discipline P@10", "aa\n\naac\n\nk; l"),
        ("ChinaXiv, titles, abstracts: citations R@20 among 4", "aa\n\naac"),
        ("ChinaXiv, titles, abstracts, keywords: citations R@20 among 4", "aa\n\naac"),
    ]


def test_chinaxiv_has_training_texts_as_distractors_and_leaves_keywords_out(figures):
    assert figures("chinaxiv") == {
        f"ChinaXiv {kind} {way} R@1 among 2": (1, 1)
        for kind in ("abstracts", "titles")
        for way in ("zh→en", "en→zh")
    }


def test_tatoeba_asks_in_the_languages_of_the_product_only(figures):
    assert figures("tatoeba") == {
        "Tatoeba de→en R@1": (2, 1),
        "Tatoeba, mean of 1 languages → en R@1": (2, 1),
        "Tatoeba, worst language → en R@1": (2, 1),
    }


def test_tico_leaves_misaligned_french_out_and_takes_indonesian_for_a_language(figures):
    found = figures("tico19")
    assert {name: n for name, (n, _) in found.items() if "language" not in name} == {
        "TICO-19 PubMed hi→en R@1": 1,
        "TICO-19 PubMed id→en R@1": 2,
    }


def test_citations_ask_for_close_relatives_of_unseen_papers_in_either_direction(data):
    (task,) = read_tasks(data, ["citations"])["citations"]
    assert task.related == {0: {1}, 2: {3}}
    assert task.name == "ChinaXiv: citations R@20 among 4"


@pytest.mark.parametrize(
    ("shared", "jaccard", "close"),
    [(2, 0.5, False), (3, 0.03, True), (14, 0.03, True), (15, 0.5, False), (3, 0.029, False)],
)
def test_papers_that_share_some_references_and_some_words_are_close(shared, jaccard, close):
    assert is_close({"kind": "coupling", "shared_refs": shared, "char3_jaccard": jaccard}) is close


def test_arxiv_asks_unseen_papers_only(figures):
    assert figures("arxiv") == {
        "arXiv: title→abstract R@1 among 3": (3, pytest.approx(2 / 3)),
        "arXiv: same primary category P@10": (2, 1),
        "arXiv: overlap of several categories, ten nearest": (2, pytest.approx(1 / 3)),
    }


def test_arxiv_stops_at_its_number_of_papers(figures, monkeypatch):
    monkeypatch.setattr(english_sets, "ARXIV_PAPERS", 2)
    assert "arXiv: title→abstract R@1 among 2" in figures("arxiv")


def test_acl_asks_within_whole_volumes_of_moderate_size(figures, monkeypatch):
    monkeypatch.setattr(english_sets, "VOLUME_SIZES", range(2, 3))
    assert figures("acl") == {"ACL Anthology: same volume P@10": (2, 1)}


def test_acl_stops_drawing_volumes_once_it_has_enough_papers(data, monkeypatch):
    monkeypatch.setattr(english_sets, "VOLUME_SIZES", range(1, 3))
    monkeypatch.setattr(english_sets, "ACL_PAPERS", 1)
    (task,) = read_tasks(data, ["acl"])["acl"]
    assert len(set(task.labels)) == 1


def test_the_bias_is_asked_of_both_languages(figures):
    assert figures("bias") == {
        "ChinaXiv: same language among ten nearest, zh queries": (1, 0.5),
        "ChinaXiv: same language among ten nearest, en queries": (1, 0.5),
    }


def test_papers_beside_those_of_another_language_and_field_are_asked_for_their_own(figures):
    assert figures("mixed") == {
        "CSL beside 2 papers of arXiv: same-discipline P@10": (3, pytest.approx((1 + 1 + 0) / 3 / 4)),
        "arXiv beside 4 papers of ChinaXiv: same primary category P@10": (2, pytest.approx(1 / 5)),
    }


def test_the_sample_is_measured_by_the_evaluation_of_the_product(figures, letters, monkeypatch):
    monkeypatch.setattr(letters, "encode", lambda texts: _counting(texts))
    found = figures("sample")
    assert [*found][:3] == ["Sample: recall@10", "Sample: nDCG@10", "Sample: recall@10, zh→zh"]
    assert found["Sample: recall@10"][0] == 300


def _counting(texts):
    """Embed any text, in any script, by its characters' code points modulo a prime."""
    import numpy as np

    from recommender.vectors import normalised

    counts = np.zeros((len(texts), 26))
    for row, text in enumerate(texts):
        np.add.at(counts[row], [ord(letter) % 23 for letter in text], 1)
    return normalised(counts)


def test_the_seed_page_says_what_chance_would_reach(figures):
    assert figures("seed") == {"Seed page: same topic P@5 (chance 100.0)": (2, 1)}


def test_a_system_that_knows_no_translation_is_not_asked_for_one(data):
    found = ask(CharacterTfidf(), read_tasks(data, ["csl", "chinaxiv", "tatoeba", "tico19", "bias"]))
    assert {figure.name.partition(":")[0] for figure in found} == {"CSL"}


def test_a_set_that_is_named_but_not_there_is_refused_with_its_file(data):
    (data / "dev" / "csl.jsonl.xz").unlink()
    with pytest.raises(UsageError, match=r"csl cannot be measured.*csl\.jsonl\.xz is missing"):
        read_tasks(data, ["csl"])
    with pytest.raises(UsageError, match=r"acl cannot be measured.*too little"):
        read_tasks(data, ["acl"])
    with pytest.raises(UsageError, match="no development set 'clef'; choose of: csl, chinaxiv"):
        read_tasks(data, ["clef"])


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UsageError, match="there is no data folder"):
        read_tasks(tmp_path / "nowhere")


def test_without_names_what_is_not_there_is_logged_and_left_out(data, caplog):
    (data / "dev" / "csl.jsonl.xz").unlink()
    assert [*read_tasks(data)] == [name for name in SETS if name not in {"csl", "records", "acl", "mixed"}]
    assert [record.args[0] for record in caplog.records] == ["csl", "records", "acl", "mixed"]


def test_a_model_is_measured_beside_tfidf_where_that_could_know_the_answer(data, letters):
    found = {figure.name: figure.tfidf for figure in measure(letters, data, only=QUICK)}
    assert found["CSL: same-discipline P@10"].mean == pytest.approx(1 / 3)
    assert found["Tatoeba de→en R@1"] is None
