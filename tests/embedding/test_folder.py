import json
import shutil
import socket

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.embedding import find_model, open_embedder
from recommender.embedding.folder import fingerprint, module_types
from recommender.embedding.static import StaticEmbedder
from recommender.errors import ModelError
from recommender.settings import bundled

DECISIVE = ["model.safetensors", "modules.json", "tokenizer.json"]


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        pytest.fail("the network was touched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_a_folder_is_a_model_by_its_path(static_model, monkeypatch):
    folder = static_model()
    assert find_model(str(folder), allow_download=False) == folder
    monkeypatch.chdir(folder.parent)
    assert find_model("static", allow_download=False) == folder
    assert isinstance(open_embedder("./static"), StaticEmbedder)


def test_a_bundled_model_is_found_by_its_name():
    assert find_model("fast", allow_download=False) == bundled("models") / "fast"


@pytest.mark.parametrize("name", ["/nowhere/model", "./model", "../model", "~/no such model"])
def test_a_folder_that_is_not_there_is_no_hub_name(name, no_network):
    with pytest.raises(ModelError, match=f"there is no model folder {name}"):
        find_model(name, allow_download=True)


def test_a_file_is_no_model(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"weights")
    with pytest.raises(ModelError, match=r"model\.bin is a file; a model is a folder"):
        open_embedder(str(tmp_path / "model.bin"))


@pytest.mark.parametrize(
    "name", ["nobody/no-such-model", "no-such-model", "快速", "a/b/c", "a b", "--", "x" * 200]
)
def test_a_hub_name_is_never_downloaded_unless_asked_to(name, no_network):
    with pytest.raises(ModelError, match=r"(?s)no model .*bundled \(.*fast.*--allow-download fetches it"):
        open_embedder(name)


def test_a_download_that_fails_is_said(monkeypatch):
    def refuse(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(ModelError, match="could not be downloaded"):
        find_model("nobody/no-such-model", allow_download=True)


def test_modules_are_named_in_order(static_model):
    assert module_types(static_model()) == ["StaticEmbedding", "Normalize"]


@pytest.mark.parametrize(
    "foreign", ["evil.Code", "sentence_transformersevil.Code", "custom_st.Transformer", ""]
)
def test_foreign_code_is_never_run(static_model, foreign):
    folder = static_model()
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = foreign
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(ModelError, match=r"foreign code .*which is never run"):
        open_embedder(str(folder))


@pytest.mark.parametrize("listing", ["{", "null", "7", '["x"]', "[{}]", '[{"kind": 3}]'])
def test_a_broken_list_of_modules_is_refused(static_model, listing):
    folder = static_model()
    (folder / "modules.json").write_text(listing)
    with pytest.raises(ModelError, match=r"modules\.json cannot be read"):
        open_embedder(str(folder))


def test_pickled_weights_are_never_loaded(static_model):
    folder = static_model()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickled weights are never loaded"):
        open_embedder(str(folder))


def test_an_empty_folder_is_no_model(tmp_path):
    with pytest.raises(ModelError, match=r"not a SentenceTransformer folder: modules\.json is missing"):
        open_embedder(str(tmp_path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(name=st.sampled_from(DECISIVE), place=st.integers(0, 10**6), mask=st.integers(1, 255))
def test_any_changed_byte_of_weights_tokenizer_or_modules_changes_the_fingerprint(
    tmp_path, name, place, mask
):
    content = {decisive: decisive.encode() * 9 for decisive in DECISIVE}
    for decisive, bytes_ in content.items():
        (tmp_path / decisive).write_bytes(bytes_)
    before = fingerprint(tmp_path)
    place %= len(content[name])
    changed = bytearray(content[name])
    changed[place] ^= mask
    (tmp_path / name).write_bytes(changed)
    assert fingerprint(tmp_path) != before


def test_a_file_more_less_or_renamed_changes_the_fingerprint(static_model):
    folder = static_model()
    seen = {fingerprint(folder)}
    (folder / "1_Normalize" / "config.json").write_text("{}")
    seen.add(fingerprint(folder))
    (folder / "1_Normalize" / "config.json").rename(folder / "1_Normalize" / "other.json")
    seen.add(fingerprint(folder))
    (folder / "modules.json").unlink()
    seen.add(fingerprint(folder))
    assert len(seen) == 4
    assert {len(name) for name in seen} == {16}


def test_neither_descriptions_nor_hidden_files_nor_the_place_change_the_fingerprint(static_model):
    folder = static_model()
    before = fingerprint(folder)
    (folder / "README.md").write_text("another text")
    (folder / "recipe.toml").write_text("seed = 1")
    (folder / ".cache").mkdir()
    (folder / ".cache" / "download").write_text("yesterday")
    assert fingerprint(folder) == before
    elsewhere = shutil.copytree(folder, folder.parent / "elsewhere")
    assert fingerprint(elsewhere) == before
    assert StaticEmbedder(elsewhere).fingerprint == before


def test_where_no_model_was_trained_none_is_named(tmp_path):
    (tmp_path / ".unfinished").mkdir()
    with pytest.raises(ModelError, match=r"it is none of the bundled \(both, fast, quality\), no folder"):
        find_model("nope", allow_download=False, own=tmp_path)
