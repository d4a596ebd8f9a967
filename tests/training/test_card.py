import hashlib
import importlib
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from recommender.evaluation.intervals import Estimate
from recommender.training.card import account_of, write_card
from recommender.training.development import Figure
from recommender.training.sums import with_sums
from recommender.training.tally import Tally

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
DESCRIPTIVE = (".md", ".toml")


def summed(text):
    """Return the SHA-256 of each file that a text names."""
    return {name: digest for digest, name in re.findall(r"^([0-9a-f]{64})  (\S+)$", text, re.M)}


def files_of(folder):
    """Return the SHA-256 of each file of a folder that decides a vector."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in DESCRIPTIVE
    }


@pytest.fixture
def scripts():
    sys.path.insert(0, str(ROOT / "scripts"))
    yield importlib.import_module
    sys.path.remove(str(ROOT / "scripts"))


def test_the_card_tells_data_seed_figures_and_what_was_left_out(tmp_path, recipe):
    tallies = [Tally("word/de", 1000, {"said before": 20}), Tally("word/fr", 500), Tally("zh/title", 9)]
    figures = [Figure("CSL", 10, Estimate(0.5, 0.4, 0.6))]
    write_card(tmp_path / "README.md", account_of(recipe, 1234), tallies, figures)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    told = (
        "# tiny",
        "1,234 tokens",
        "seed 7",
        "| word | 1,500 | 20 (1.3%) | 20 |",
        "| zh | 9 | 0 (0.0%) | 0 |",
        "| CSL | 10 | 50.0",
        "freedict",
        "CC-CEDICT",
    )
    for part in told:
        assert part in card


def test_a_teacher_is_named_with_its_licence_and_nothing_is_said_where_there_is_none(tmp_path, recipe):
    figures = [Figure("CSL", 10, Estimate(0.5, 0.4, 0.6))]
    cards = []
    for name in ("", "all-MiniLM-L6-v2"):
        account = account_of(replace(recipe, teacher=name), 9)
        write_card(tmp_path / "README.md", account, [Tally("word/de", 9)], figures)
        cards.append((tmp_path / "README.md").read_text(encoding="utf-8"))
    assert ["all-MiniLM-L6-v2 |" in card for card in cards] == [False, True]
    assert ["English words begin" in card for card in cards] == [False, True]


def test_a_run_that_went_on_names_the_recipes_before_and_all_teachers(recipe):
    first = replace(recipe, teacher="all-MiniLM-L6-v2", taught=0.9)
    second = replace(recipe, start="first", keep_tokens=True, averaged=0.5, teacher="both", taught=0.0)
    account = account_of(second, 9, {"first.toml": first})
    assert account.command.endswith("DATA --start EARLIER --english TEACHER")
    assert "went on from what `first.toml`" in account.how
    assert "English words begin with the vectors that all-MiniLM-L6-v2" in account.how
    assert [line.split(" | ")[0] for line in account.teacher.splitlines()] == [
        "| all-MiniLM-L6-v2",
        "| models/both",
    ]
    assert "went on" not in account_of(first, 9).how


def test_the_card_names_what_decides_a_vector_with_its_digest(tmp_path, recipe):
    (tmp_path / "1_Normalize").mkdir()
    for name in ("model.safetensors", "1_Normalize/config.json", "recipe.toml", "BASE.md"):
        (tmp_path / name).write_text(name)
    figures = [Figure("CSL", 10, Estimate(0.5, 0.4, 0.6))]
    write_card(tmp_path / "README.md", account_of(recipe, 1234), [Tally("word/de", 9)], figures)
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert summed(card) == {
        "1_Normalize/config.json": hashlib.sha256(b"1_Normalize/config.json").hexdigest(),
        "model.safetensors": hashlib.sha256(b"model.safetensors").hexdigest(),
    }


def test_the_digests_of_a_card_are_brought_up_to_date_and_nothing_else_is(tmp_path):
    (tmp_path / "tokenizer.json").write_text("one")
    card = with_sums("# A\n\ntext\n", tmp_path)
    assert card.startswith("# A\n\ntext\n\n## Its files\n")
    assert with_sums(card, tmp_path) == card
    (tmp_path / "tokenizer.json").write_text("other")
    later = with_sums(card + "\n## Mine\n\nwords\n", tmp_path)
    assert summed(later) == {"tokenizer.json": hashlib.sha256(b"other").hexdigest()}
    assert later.startswith("# A\n\ntext\n\n## Mine\n\nwords\n\n## Its files\n")


@pytest.mark.parametrize("name", [path.name for path in sorted(MODELS.iterdir()) if path.is_dir()])
def test_a_bundled_card_the_sums_of_all_and_the_files_say_the_same(name):
    found = files_of(MODELS / name)
    assert found
    assert summed((MODELS / name / "README.md").read_text("utf-8")) == found
    of_all = summed((MODELS / "SHA256SUMS").read_text("utf-8"))
    ours = {path: digest for path, digest in of_all.items() if path.startswith(f"{name}/")}
    assert ours == {f"{name}/{path}": digest for path, digest in found.items()}


def test_the_script_writes_the_sums_of_all_and_into_the_cards(tmp_path, scripts):
    shutil.copytree(MODELS / "both", tmp_path / "both")
    (tmp_path / "both" / "joint.json").write_text("{}")
    scripts("sum_models").write(tmp_path)
    found = {"joint.json": hashlib.sha256(b"{}").hexdigest()}
    assert summed((tmp_path / "SHA256SUMS").read_text()) == {"both/joint.json": found["joint.json"]}
    assert summed((tmp_path / "both" / "README.md").read_text("utf-8")) == found
