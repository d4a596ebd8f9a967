from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from platformdirs import user_data_path

from recommender import settings as module
from recommender.errors import SettingsError
from recommender.settings import Settings, bundled


def test_without_any_setting_the_defaults_hold():
    settings = Settings.read({})
    assert settings.home == user_data_path("recommender", appauthor=False)
    assert (settings.model, settings.engine) == ("", "")


def test_the_environment_decides():
    settings = Settings.read(
        {"RECOMMENDER_HOME": "/data/home", "RECOMMENDER_MODEL": "/models/mine", "RECOMMENDER_ENGINE": "flat"}
    )
    assert settings == Settings(home=Path("/data/home"), model="/models/mine", engine="flat")


def test_who_shares_the_work_is_nobody_unless_named():
    assert Settings.read({}).workers == ""
    assert Settings.read({"RECOMMENDER_WORKERS": "local"}).workers == "local"
    assert Settings.read({"RECOMMENDER_WORKERS": "local"}, workers="ray").workers == "ray"


def test_an_argument_has_precedence_over_the_environment():
    settings = Settings.read({"RECOMMENDER_HOME": "/data/home"}, home=Path("/data/other"))
    assert settings.home == Path("/data/other")


@pytest.mark.parametrize("name", ["RECOMMENDER_HOME", "RECOMMENDER_MODEL", "RECOMMENDER_ENGINE"])
def test_an_empty_variable_counts_as_none(name):
    assert Settings.read({name: ""}) == Settings.read({})


def test_only_the_given_environment_is_read(monkeypatch):
    before = Settings.read({})
    for name in ("RECOMMENDER_HOME", "RECOMMENDER_MODEL", "RECOMMENDER_ENGINE"):
        monkeypatch.setenv(name, "elsewhere")
    assert Settings.read({}) == before


def test_a_home_is_absolute_and_its_tilde_expanded(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/people/ann")
    assert Settings.read({"RECOMMENDER_HOME": "corpus"}).home == tmp_path / "corpus"
    assert Settings.read({}, home=Path("corpus")).home == tmp_path / "corpus"
    assert Settings.read({"RECOMMENDER_HOME": "~/corpus"}).home == Path("/people/ann/corpus")


def test_everything_lies_in_the_home():
    settings = Settings(home=Path("/data"))
    places = [settings.library, settings.builds, settings.embeddings, settings.lock]
    assert [place.as_posix() for place in places] == [
        "/data/library.db",
        "/data/builds",
        "/data/embeddings",
        "/data/writer.lock",
    ]


def test_reading_settings_makes_nothing(tmp_path):
    Settings.read({"RECOMMENDER_HOME": str(tmp_path / "home")})
    assert [*tmp_path.iterdir()] == []


def test_settings_do_not_change():
    with pytest.raises(FrozenInstanceError):
        Settings.read({}).home = Path("/elsewhere")


def test_what_ships_with_the_product_is_found_in_a_checkout():
    sample = bundled("data", "sample.jsonl")
    assert sample.is_file()
    assert sample == Path(module.__file__).resolve().parent.parent / "data" / "sample.jsonl"


def test_what_ships_with_the_product_is_found_in_an_installation(monkeypatch, tmp_path):
    installed = tmp_path / "recommender" / "bundled" / "data"
    installed.mkdir(parents=True)
    (installed / "sample.jsonl").write_text("{}")
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "recommender")
    assert bundled("data", "sample.jsonl") == installed / "sample.jsonl"


def test_a_missing_part_of_the_installation_is_said():
    with pytest.raises(SettingsError, match=r"data/nothing\.jsonl is missing from this installation"):
        bundled("data", "nothing.jsonl")


def test_memory_is_given_in_gigabytes():
    assert Settings.read({"RECOMMENDER_MEMORY": "1.5"}).memory == 1_500_000_000
    assert Settings.read({"RECOMMENDER_MEMORY": ""}).memory is None


@pytest.mark.parametrize("bad", ["much", "0", "-1", "nan", "inf"])
def test_memory_that_is_no_number_above_zero_is_refused(bad):
    with pytest.raises(SettingsError, match="RECOMMENDER_MEMORY"):
        Settings.read({"RECOMMENDER_MEMORY": bad})


@pytest.mark.parametrize(("told", "meant"), [("", None), ("0.95", 0.95), ("1", 1.0)])
def test_the_recall_is_a_share(told, meant):
    assert Settings.read({"RECOMMENDER_RECALL": told}).recall == meant


@pytest.mark.parametrize("share", ["0.5", "99", "nan", "much"])
def test_a_recall_that_is_none_or_too_low_is_refused(share):
    with pytest.raises(SettingsError, match=r"the recall is .*; give a share from 0\.95 to 1"):
        Settings.read({"RECOMMENDER_RECALL": share})


def test_memory_and_recall_may_be_given_too():
    settings = Settings.read({"RECOMMENDER_MEMORY": "8", "RECOMMENDER_RECALL": "1"}, memory=0.5, recall=0.97)
    assert (settings.memory, settings.recall) == (500_000_000, 0.97)
