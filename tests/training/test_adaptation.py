import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file

from recommender.builds.lock import writing
from recommender.embedding import open_embedder
from recommender.embedding.folder import digest, files_of
from recommender.errors import LockedError, ModelError, UsageError
from recommender.training import Recipe, adapt
from recommender.training.adaptation import RECIPE
from recommender.training.recipe import Stream


@pytest.fixture
def papers(topical):
    return topical[0]


@pytest.fixture
def target(tmp_path):
    return tmp_path / "models" / "ours"


@pytest.fixture
def quick():
    """The recipe that ships, in a hurry."""
    recipe = Recipe.read(RECIPE)
    return replace(recipe, dims=(16, 8), streams=(replace(recipe.streams[0], batch=64),), learning_rate=0.05)


def table_of(folder):
    return load_file(folder / "model.safetensors")["embedding.weight"]


def test_an_adapted_model_is_better_on_papers_it_has_not_seen_and_is_installed(
    papers, ignorant_model, target, quick
):
    report = adapt(papers, ignorant_model, target, recipe=quick)
    assert report.installed, report.objections
    measures = {measure.name: measure for measure in report.measures}
    assert measures["same subject: P@10"].difference.low > 0
    assert report.n_learnt + report.n_held_out == 260
    embedder = open_embedder(str(target))
    assert embedder.fingerprint == report.fingerprint != report.start
    same, other = embedder.encode(["t1word3", "t1word4"]), embedder.encode(["t2word5"])
    assert same[0] @ same[1] > same[0] @ other[0]


def test_the_folder_has_card_recipe_and_the_card_of_the_start_and_nothing_is_left_beside(
    papers, ignorant_model, target, quick
):
    (ignorant_model / "README.md").write_text("Learnt from nothing.", encoding="utf-8")
    report = adapt(papers, ignorant_model, target, recipe=quick)
    card = (target / "README.md").read_text(encoding="utf-8")
    for part in (
        "# ours",
        "`ignorant`",
        report.start,
        f"{report.n_learnt} papers were learnt from",
        "| en | ",
        "| same subject: P@10 | ",
        "see `BASE.md`",
        *(f"{digest(path)}  {path.relative_to(target).as_posix()}\n" for path in files_of(target)),
    ):
        assert part in card
    assert (target / "BASE.md").read_text(encoding="utf-8") == "Learnt from nothing."
    recipe = Recipe.read(target / "recipe.toml")
    assert recipe == replace(quick, name="ours", start="ignorant")
    assert (target / "tokenizer.json").read_bytes() == (ignorant_model / "tokenizer.json").read_bytes()
    assert sorted(path.name for path in target.parent.iterdir()) == [".training.lock", "ours"]
    again = adapt(papers, target, target.with_name("again"), recipe=quick)
    if again.installed:
        assert (again.target / "BASE.md").read_text(encoding="utf-8") == "Learnt from nothing."


def test_words_that_the_library_does_not_hold_keep_their_vectors_to_the_last_bit(
    papers, ignorant_model, target, quick
):
    adapt(papers, ignorant_model, target, recipe=quick)
    before, after = table_of(ignorant_model), table_of(target)
    assert before.shape == after.shape
    moved = np.flatnonzero((before != after).any(axis=1))
    assert moved.tolist() == [*range(1, 182)]  # not the unknown token, not `absent`, not `missing`


def test_the_same_library_gives_the_same_weights_in_whatever_order(papers, ignorant_model, target, quick):
    for name, library in (("one", papers), ("other", papers[::-1])):
        adapt(library, ignorant_model, target.with_name(name), recipe=quick)
    one, other = ((target.with_name(name) / "model.safetensors").read_bytes() for name in ("one", "other"))
    assert one == other


def test_a_worse_model_is_not_installed(papers, knowing_model, target, quick):
    leap = replace(quick, learning_rate=500.0, anchor=0.0, streams=(Stream(family="", batch=99, passes=1.0),))
    report = adapt(papers, knowing_model, target, recipe=leap)
    assert not report.installed
    assert any(objection.startswith("same subject: P@10 falls") for objection in report.objections)
    assert [path.name for path in target.parent.iterdir()] == [".training.lock"]
    assert report.to_dict()["installed"] is False


def test_held_out_papers_are_not_learnt_from(papers, ignorant_model, target, quick):
    marked = [replace(paper, abstract=f"{paper.abstract} absent") for paper in papers]
    report = adapt(papers, ignorant_model, target, recipe=quick)
    held_out = [paper for paper in marked if paper.id not in learnt_ids(papers, quick)]
    assert len(held_out) == report.n_held_out
    mixed = [paper if paper.id in learnt_ids(papers, quick) else marked[k] for k, paper in enumerate(papers)]
    adapt(mixed, ignorant_model, target.with_name("other"), recipe=quick)
    np.testing.assert_array_equal(table_of(target), table_of(target.with_name("other")))


def learnt_ids(papers, recipe):
    from recommender.training.library_pairs import split

    return {paper.id for work in split(papers, recipe.library.held_out).learnt for paper in work}


def test_abstracts_alone_are_enough(papers, ignorant_model, target, quick):
    report = adapt(
        [replace(paper, title="", subject="") for paper in papers], ignorant_model, target, recipe=quick
    )
    own = [measure.name for measure in report.measures if not measure.is_guard]
    assert own == ["half → other half: R@1", "half → other half: MRR"]
    assert {tally.name for tally in report.tallies} == {"en/halves/1", "en/halves/2"}


@pytest.mark.parametrize("leave", ["titles", "few"])
def test_what_gives_nothing_to_learn_is_refused_before_anything_is_made(
    papers, ignorant_model, target, quick, leave
):
    library = papers[:199] if leave == "few" else [replace(paper, abstract="") for paper in papers]
    said = "has 199 papers" if leave == "few" else "gives no 32 pairs"
    with pytest.raises(UsageError, match=said):
        adapt(library, ignorant_model, target, recipe=quick)
    assert not target.parent.exists()


def test_a_model_is_never_replaced(papers, ignorant_model, target, quick):
    target.mkdir(parents=True)
    with pytest.raises(UsageError, match="ours exists; a model is never replaced"):
        adapt(papers, ignorant_model, target, recipe=quick)


def test_two_trainings_beside_each_other_are_one_too_many(papers, ignorant_model, target, quick):
    with writing(target.parent / ".training.lock"), pytest.raises(LockedError):
        adapt(papers, ignorant_model, target, recipe=quick)


def test_a_training_that_is_interrupted_or_was_killed_leaves_no_model(papers, ignorant_model, target, quick):
    (target.parent / ".training").mkdir(parents=True)
    (target.parent / ".training" / "half.safetensors").write_text("killed")

    def interrupt(stage, done, total):
        if stage == "measuring":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adapt(papers, ignorant_model, target, recipe=quick, on_stage=interrupt)
    assert [path.name for path in target.parent.iterdir()] == [".training.lock"]
    assert adapt(papers, ignorant_model, target, recipe=quick).installed
    assert "half.safetensors" not in {path.name for path in target.iterdir()}


def test_only_a_static_model_can_be_adapted(papers, ignorant_model, target, quick):
    listing = ignorant_model / "modules.json"
    listing.write_text(listing.read_text().replace("StaticEmbedding", "Transformer"), encoding="utf-8")
    with pytest.raises(ModelError, match="is no static model"):
        adapt(papers, ignorant_model, target, recipe=quick)


def test_progress_is_told(papers, ignorant_model, target, quick):
    told = []
    adapt(papers, ignorant_model, target, recipe=quick, on_stage=lambda *stage: told.append(stage))
    steps = [done for stage, done, total in told if stage == "training"]
    assert steps == [*range(1, len(steps) + 1)]
    assert told[-1] == ("measuring", 0, 0)


def test_a_plain_installation_is_enough():
    program = (
        "import sys; sys.modules |= dict.fromkeys(('regex', 'sentencepiece', 'google.protobuf', 'sklearn'));"
        "import recommender.training.adaptation;"
        "print(sorted({'sentence_transformers', 'transformers'} & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
