"""The joined operations, where they decide something that no single stage decides."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from recommender.assembly import corpus_of
from recommender.builds import BuildStore
from recommender.builds.in_use import unused
from recommender.choices import Choices
from recommender.embedding import EmbeddingCache
from recommender.errors import BuildError, LibraryError, UsageError
from recommender.judging import compared
from recommender.library import Library
from recommender.settings import Settings, bundled
from recommender.workspace import Workspace

SOLAR = {"id": "1", "title": "Perovskite solar cells", "abstract": "Moisture and the stability of films."}
BEES = {"id": "2", "title": "Bees and pesticides", "abstract": "Foraging of bumblebees near treated fields."}


@pytest.fixture
def workspace(tmp_path, warm):
    return Workspace(Settings(home=warm(tmp_path / "home")))


@pytest.fixture
def rebuilt(workspace, tmp_path):
    def rebuilt_(papers, **options):
        path = tmp_path / "papers.jsonl"
        path.write_text("".join(json.dumps(paper) + "\n" for paper in papers), encoding="utf-8")
        with workspace.writing():
            workspace.import_files([path], replace=True)
            return workspace.rebuild(**options).manifest

    return rebuilt_


def test_what_is_cached_of_a_model_is_dropped_once_nobody_uses_it(tmp_path):
    home, later = tmp_path / "home", datetime.now(UTC) + timedelta(days=31)
    (tmp_path / "papers.jsonl").write_text('{"id": "1", "title": "Bees"}\n', encoding="utf-8")

    def at(when):
        return Workspace(Settings(home=home), clock=lambda: when)

    workspace = at(later)
    with workspace.writing():
        workspace.import_files([tmp_path / "papers.jsonl"])
        workspace.rebuild()
        (used,) = (path.name for path in (home / "embeddings").iterdir())
        for name in ("tried", ".half.dropped"):
            with EmbeddingCache(home / "embeddings", fingerprint=name, dim=2):
                pass
        assert at(datetime.now(UTC) + timedelta(days=29)).prune(7) == ([], [])  # somebody may be trying it
        manifest = home / "builds" / workspace.store.current_id() / "manifest.json"
        content = manifest.read_bytes()
        manifest.write_bytes(b"damaged")
        assert workspace.prune(7) == ([], [])  # nobody knows which model it has
        manifest.write_bytes(content)
        assert workspace.prune(7) == ([], ["tried"])
        assert [path.name for path in (home / "embeddings").iterdir()] == [used]
        shutil.rmtree(home / "builds")
        assert workspace.prune(7) == ([], [])  # it is the one of the settings


def test_a_home_is_new_until_something_is_imported_or_built(workspace, rebuilt):
    assert workspace.is_new()
    rebuilt([SOLAR])
    assert not workspace.is_new()


def test_a_rebuild_keeps_the_model_of_the_current_build(workspace, rebuilt, tmp_path):
    other = shutil.copytree(bundled("models", "fast"), tmp_path / "other")
    chosen = Workspace(Settings(home=workspace.settings.home, model=str(other)))
    rebuilt([SOLAR])
    assert workspace.choices().model == "fast"
    with chosen.writing():
        chosen.rebuild(force=True)
    assert rebuilt([SOLAR, BEES]).model == workspace.choices().model == str(other)


def test_a_rebuild_keeps_the_engine_and_the_recall_of_the_current_build(workspace, rebuilt):
    rebuilt([SOLAR])
    chosen = Workspace(Settings(home=workspace.settings.home, engine="flat", recall=0.97))
    with chosen.writing():
        chosen.rebuild()
    assert workspace.choices() == Choices(model="fast", engine="flat", recall=0.97)
    kept = rebuilt([SOLAR, BEES])
    assert (kept.engine, kept.recall_target, kept.n_papers) == ("flat", 0.97, 2)
    changed = Workspace(Settings(home=workspace.settings.home, engine="faiss"))
    assert changed.choices() == Choices(model="fast", engine="faiss", recall=0.97)


def test_a_corpus_and_its_digest_are_of_one_moment(workspace, rebuilt, tmp_path, monkeypatch):
    digest = rebuilt([SOLAR]).corpus_digest
    newer = tmp_path / "newer.jsonl"
    newer.write_text(json.dumps(BEES), encoding="utf-8")
    rejected = Library.rejected

    def written_to(library):
        workspace.import_files([newer])
        return rejected(library)

    monkeypatch.setattr(Library, "rejected", written_to)
    corpus = corpus_of(workspace.settings)
    assert (len(corpus.papers), corpus.digest) == (1, digest)


def test_a_build_that_was_asked_for_a_paper_or_for_its_ids_is_closed(workspace, rebuilt, monkeypatch):
    first = rebuilt([SOLAR]).build_id
    rebuilt([SOLAR, BEES])
    opened = []
    open_ = BuildStore.open
    monkeypatch.setattr(
        BuildStore, "open", lambda self, build_id: opened.append(open_(self, build_id)) or opened[-1]
    )
    assert workspace.entered_since(first) == {"2"}
    workspace.settings.library.unlink()
    assert workspace.find("2").title == BEES["title"]
    assert len(opened) == 3
    for build in opened:
        with unused(build.folder) as is_unused:
            assert is_unused


def test_the_sample_never_enters_the_library(workspace):
    workspace.build_sample()
    assert not workspace.settings.library.exists()
    with pytest.raises(LibraryError, match="there is no library"):
        workspace.rebuild()


def test_a_paper_is_found_in_the_library_before_the_build(workspace, rebuilt, tmp_path):
    rebuilt([SOLAR])
    newer = tmp_path / "newer.jsonl"
    newer.write_text(json.dumps({**SOLAR, "title": "A newer title"}), encoding="utf-8")
    workspace.import_files([newer])
    assert workspace.find("1").title == "A newer title"
    assert workspace.recommender().build.papers.paper(0).title == SOLAR["title"]
    assert workspace.find("nobody") is None


def verdict_of(workspace, build_id=None):
    return compared(workspace.store, build_id).verdict


def test_the_sample_s_pairs_never_judge_other_papers_that_bear_its_ids(workspace, rebuilt):
    rebuilt([SOLAR, BEES])
    with pytest.raises(UsageError, match="the bundled ones are for the bundled sample only"):
        workspace.judged()
    assert verdict_of(workspace).n_queries == 0


def test_the_sample_imported_as_a_user_s_file_is_judged_by_its_pairs(workspace):
    with workspace.writing():
        workspace.import_files([bundled("data", "sample.jsonl")])
        workspace.rebuild()
    _, qrels = workspace.judged()
    assert len(qrels) == 300


def test_the_sample_makes_room_for_any_corpus_of_the_user(workspace, rebuilt):
    workspace.build_sample()
    candidate = rebuilt([SOLAR, BEES], publish=False)
    assert verdict_of(workspace, candidate.build_id).passed


def test_a_candidate_that_lost_half_of_the_papers_fails(workspace, rebuilt):
    rebuilt([SOLAR, BEES])
    candidate = rebuilt([SOLAR], publish=False)
    verdict = verdict_of(workspace, candidate.build_id)
    assert (verdict.passed, verdict.n_lost) == (False, 1)


def test_no_build_at_all_says_what_to_run(workspace):
    with pytest.raises(BuildError, match="recommend rebuild FILES"):
        workspace.recommender()
