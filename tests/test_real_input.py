"""Real input beside the checkout, read as its users read it."""

import json
import lzma

import pytest

from recommender.errors import NotAnswerableError, PaperNotFoundError
from recommender.neighbour import Label
from recommender.settings import Settings
from recommender.workspace import Workspace


def workspace_of(home, *files):
    workspace = Workspace(Settings(home=home))
    with workspace.writing():
        report = workspace.import_files(files)
        rebuilt = workspace.rebuild()
    return workspace, report, rebuilt


def decompressed(shared, name, folder):
    path = folder / f"{name}.jsonl"
    path.write_bytes(lzma.decompress((shared / "data" / "dev" / f"{name}.jsonl.xz").read_bytes()))
    return path


@pytest.fixture(scope="module")
def seed(shared, tmp_path_factory):
    return workspace_of(tmp_path_factory.mktemp("home"), shared / "seed" / "similar_page.txt")


def test_the_seed_page_lists_twenty_embeds_nineteen_and_keeps_fifteen_as_blank(seed):
    _, report, rebuilt = seed
    assert report.sources[0].n_records == 20
    assert [paper_id for paper_id, _ in report.sources[0].blank] == ["15"]
    assert (rebuilt.manifest.n_papers, rebuilt.manifest.n_blank) == (19, 1)
    assert rebuilt.manifest.languages == {"zh": 19}


def test_paper_nine_of_the_seed_page_answers_with_its_own_topic(seed):
    found = [result.paper.id for result in seed[0].recommender().similar_to("9", k=5).results]
    on_topic = {str(number) for number in [*range(1, 13), 14, 19]}
    assert len(found) == 5
    assert len(on_topic & set(found)) >= 4


def test_free_text_finds_the_seed_page(seed):
    results = seed[0].recommender().similar_to_text("产教融合 治理", k=5).results
    assert len(results) == 5
    assert results[0].similarity > 0.5  # than of most pairs, which are of this very topic here
    assert results[0].label is Label.SAME_TOPIC


def test_fifteen_and_ninety_nine_explain_themselves(seed):
    recommender = seed[0].recommender()
    with pytest.raises(NotAnswerableError, match="'15' is known, but it has neither title nor abstract"):
        recommender.similar_to("15", k=5)
    with pytest.raises(PaperNotFoundError, match="no paper '99'"):
        recommender.similar_to("99", k=5)


def test_a_thousand_chinese_papers(shared, tmp_path):
    file = decompressed(shared, "csl", tmp_path)
    workspace, _, rebuilt = workspace_of(tmp_path / "home", file)
    assert rebuilt.manifest.n_papers == rebuilt.manifest.languages["zh"] == 1000
    first = json.loads(file.read_text(encoding="utf-8").splitlines()[0])
    results = workspace.recommender().similar_to_text(first["title"], k=3).results
    assert first["id"] in [result.paper.id for result in results]


def test_chinese_and_english_in_one_corpus_find_each_other(shared, tmp_path):
    files = [decompressed(shared, name, tmp_path) for name in ("chinaxiv_zh", "chinaxiv_en")]
    workspace, _, rebuilt = workspace_of(tmp_path / "home", *files)
    assert rebuilt.manifest.n_papers == 348 + 177
    assert rebuilt.manifest.languages == {"zh": 348, "en": 177}
    recommender = workspace.recommender()
    english = [json.loads(line)["id"] for line in files[1].read_text(encoding="utf-8").splitlines()]
    hits = [
        paper_id.removesuffix(":en") in [r.paper.id for r in recommender.similar_to(paper_id, k=3).results]
        for paper_id in english
    ]
    assert sum(hits) / len(hits) > 0.75
