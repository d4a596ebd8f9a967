"""Models that somebody else wrote, or a disk spoiled: one line with the file's name, and no memory taken."""

import json
import shutil
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save_file

from recommender.embedding import open_embedder
from recommender.embedding.folder import SUMS, files_of, fingerprint
from recommender.embedding.safetensors_file import LARGEST_HEADER, check_numbers, places_of
from recommender.errors import ModelError
from recommender.settings import bundled

TABLE = np.arange(9, dtype=np.float32).tobytes()
PLACE = {"dtype": "F32", "shape": [3, 3], "data_offsets": [0, 36]}
NAME = "embedding.weight"


def written(path, header, content=TABLE, length=None):
    """Write a safetensors file with any header, and any length of it."""
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(header) if length is None else length) + header + content)
    return path


def of(**other):
    return {NAME: PLACE | other}


HOSTILE = {
    "a header beyond the file": (of(), {"length": 2**63}, "its header has 9223372036854775808 bytes"),
    "a header that ends amid its JSON": (of(), {"length": 20}, "cannot be read"),
    "a header of a gigabyte of blanks": (b" " * (LARGEST_HEADER + 1), {}, "more than 1000000"),
    "no header": (b"", {}, "cannot be read"),
    "no object": (b"[]", {}, "cannot be read"),
    "no text": (b"\xff\xfe{}", {}, "cannot be read"),
    "nested deeply": (b"[" * 100_000, {}, "cannot be read"),
    "a name twice": (
        f'{{"{NAME}": {json.dumps(PLACE)}, "{NAME}": {json.dumps(PLACE)}}}'.encode(),
        {},
        "stands in its header twice",
    ),
    "a tensor upon another": (of() | {"b": PLACE}, {}, "'b' begins at byte"),
    "a tensor beyond the end": (of(shape=[3, 4], data_offsets=[0, 48]), {}, "its tensors end at byte"),
    "a tensor of ten terabytes": (of(shape=[10**13, 1], data_offsets=[0, 4 * 10**13]), {}, "tensors end"),
    "a tensor before the start": (of(data_offsets=[-36, 0]), {}, "cannot be read"),
    "a tensor that ends before it begins": (of(data_offsets=[36, 0]), {}, "cannot be read"),
    "bytes that belong to none": (of(shape=[2, 3], data_offsets=[0, 24]), {}, "its tensors end at byte"),
    "bytes between": (of(shape=[2, 3], data_offsets=[12, 36]), {}, "begins at byte"),
    "more shape than bytes": (of(shape=[10**9, 10**9]), {}, "cannot be read: 36 bytes"),
    "a hundred dimensions": (of(shape=[1] * 98 + [3, 3]), {}, "cannot be read: shape"),
    "a shape of words": (of(shape=["3", "3"]), {}, "cannot be read: shape"),
    "a shape of truths": (of(shape=[True, 9]), {}, "cannot be read: shape"),
    "a shape of decimals": (of(shape=[3.0, 3]), {}, "cannot be read: shape"),
    "a type of another world": (of(dtype="F7"), {}, "cannot be read: numbers of type 'F7'"),
    "a type that is a list": (of(dtype=["F32"]), {}, "cannot be read"),
    "a digit too many": (b'{"a": ' + b"9" * 5000 + b"}", {}, "cannot be read"),
    "wrong dimensions": (of(shape=[9]), {}, "expected token vectors"),
    "no dimensions": ({NAME: {"dtype": "F32", "shape": [3, 0], "data_offsets": [0, 0]}}, {"content": b""},
                      "expected token vectors"),
    "rows without end of no dimensions": (
        {NAME: {"dtype": "F32", "shape": [10**15, 0], "data_offsets": [0, 0]}}, {"content": b""},
        "expected token vectors",
    ),
    "another tensor": ({"other": PLACE}, {}, "holds ['other']"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "options", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_in_one_line_and_little_memory(static_model, header, options, why):
    folder = static_model()
    written(folder / "model.safetensors", header, **options)
    tracemalloc.start()
    try:
        with pytest.raises(ModelError) as refused:
            open_embedder(str(folder))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()
    assert str(folder / "model.safetensors") in str(refused.value)
    assert why in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.data())
def test_what_is_accepted_the_reference_accepts_too_and_reads_alike(tmp_path, data):
    tensors = {
        name: np.arange(n, dtype=dtype)
        for name, n, dtype in data.draw(
            st.lists(
                st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.sampled_from(["f4", "f2", "i8"]))
            )
        )
    }
    path = tmp_path / "any.safetensors"
    save_file(tensors, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.sampled_from(b'019,:"[]{}F \x00\xff')
        )
    path.write_bytes(
        content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    )
    try:
        places = places_of(path)
    except ModelError:
        return
    with safe_open(path, framework="numpy") as reference:
        assert {*reference.keys()} == {*places}
        for name, place in places.items():
            assert tuple(reference.get_slice(name).get_shape()) == place.shape


def test_what_the_reference_writes_is_accepted(tmp_path):
    tensors = {"a": np.ones((2, 3), "f2"), "b": np.zeros((0, 4), "f8"), "c": np.arange(7, dtype="i4")}
    save_file(tensors, tmp_path / "fine.safetensors", metadata={"format": "pt"})
    places = places_of(tmp_path / "fine.safetensors")
    check_numbers(tmp_path / "fine.safetensors", places)
    assert {name: place.shape for name, place in places.items()} == {"a": (2, 3), "b": (0, 4), "c": (7,)}


@pytest.mark.parametrize(
    ("dtype", "bits"),
    [("F16", 0x7C00), ("F16", 0xFC01), ("BF16", 0x7F80), ("F32", 0x7FC00000), ("F64", 0xFFF << 52)],
)
def test_every_kind_of_decimal_is_looked_through(tmp_path, dtype, bits):
    width = {"F16": 2, "BF16": 2, "F32": 4, "F64": 8}[dtype]
    numbers = [*range(7), bits]
    path = tmp_path / "w.safetensors"
    content = b"".join(number.to_bytes(width, "little") for number in numbers)
    written(path, {"w": {"dtype": dtype, "shape": [4, 2], "data_offsets": [0, 8 * width]}}, content)
    with pytest.raises(ModelError, match=r"w\.safetensors is damaged: row 3 of 'w'"):
        check_numbers(path, places_of(path))
    written(path, {"w": {"dtype": dtype, "shape": [4, 2], "data_offsets": [0, 8 * width]}}, bytes(8 * width))
    check_numbers(path, places_of(path))


@pytest.mark.parametrize("name", ["modules.json", "config_sentence_transformers.json"])
@pytest.mark.parametrize("content", [b"[" * 100_000, b" " * 1_000_001, b"\xff"], ids=["deep", "long", "odd"])
def test_settings_that_are_deep_or_long_are_named(static_model, name, content):
    folder = static_model()
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=f"{name} cannot be read"):
        open_embedder(str(folder))


def test_the_bundled_models_are_those_that_the_sums_name():
    listed = dict(reversed(line.split("  ")) for line in bundled("models", SUMS).read_text().splitlines())
    models = bundled("models")
    assert {*listed} == {
        path.relative_to(models).as_posix()
        for folder in models.iterdir()
        if folder.is_dir()
        for path in files_of(folder)
    }
    for name in ("fast", "quality", "both"):
        assert fingerprint(models / name)


@pytest.fixture
def shipped(tmp_path, static_model, monkeypatch):
    """A folder of bundled models with one model in it, and its sums."""
    model = static_model()
    models = tmp_path.resolve()
    names = {"SHA256SUMS": models / SUMS}
    monkeypatch.setattr(
        "recommender.embedding.folder.bundled", lambda *parts: names[parts[1]] if parts[1:] else models
    )
    import hashlib

    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(models).as_posix()}\n"
        for path in files_of(model)
    ]
    (models / SUMS).write_text("".join(lines))
    return model


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "modules.json"])
def test_a_bundled_model_with_another_byte_is_refused(shipped, name):
    open_embedder(str(shipped))
    content = bytearray((shipped / name).read_bytes())
    content[-2 if name.endswith("json") else -3] ^= 1
    (shipped / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name} is not the file that ships with this version"):
        fingerprint(shipped)


def test_a_bundled_model_with_a_file_more_or_less_is_refused(shipped):
    (shipped / "extra.json").write_text("{}")
    with pytest.raises(ModelError, match=r"extra\.json was added or is missing"):
        fingerprint(shipped)
    (shipped / "extra.json").unlink()
    (shipped / "1_Normalize" / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"1_Normalize/config\.json was added"):
        fingerprint(shipped)


def test_a_model_beside_the_bundled_ones_has_no_sums(shipped):
    fingerprint(shutil.copytree(shipped, shipped.parent / "own"))


def linked(transformer, folder, name):
    """Link a transformer's files into a folder, but for one, which is copied."""
    for path in transformer.rglob("*"):
        if path.is_file():
            link = folder / path.relative_to(transformer)
            link.parent.mkdir(parents=True, exist_ok=True)
            if path == transformer / name:
                shutil.copy(path, link)
            else:
                link.symlink_to(path)
    return folder / name


def changed(path, **settings_):
    path.write_text(json.dumps(json.loads(path.read_text()) | settings_))


@pytest.mark.parametrize(
    ("settings_", "why"),
    [
        ({"hidden_size": 10**6}, "hidden_size is 1000000"),
        ({"vocab_size": 10**9}, "vocab_size is 1000000000"),
        ({"num_hidden_layers": 10**6}, "num_hidden_layers is 1000000"),
        ({"intermediate_size": 10**15}, "1000000000000000 is no size"),
    ],
)
def test_settings_that_announce_a_larger_transformer_are_refused_unloaded(
    transformer, tmp_path, settings_, why
):
    changed(linked(transformer, tmp_path, "config.json"), **settings_)
    with pytest.raises(ModelError, match=rf"config\.json: .*{why}|config\.json: {why}"):
        open_embedder(str(tmp_path))


@pytest.mark.model
def test_a_transformer_that_lacks_a_tensor_is_refused_not_completed_at_random(transformer, tmp_path):
    from safetensors.numpy import load_file

    path = linked(transformer, tmp_path, "model.safetensors")
    tensors = load_file(path)
    del tensors["encoder.layer.3.output.dense.weight"]
    save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks 1 of its tensors.*encoder\.layer\.3\.output\.dense\.weight"):
        open_embedder(str(tmp_path))


@pytest.mark.model
def test_a_transformer_whose_tokenizer_knows_more_tokens_than_it_has_rows_is_refused(transformer, tmp_path):
    path = linked(transformer, tmp_path, "tokenizer.json")
    content = json.loads(path.read_text(encoding="utf-8"))
    content["model"]["vocab"]["相似文献"] = 30_522
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelError, match="the tokenizer gives token 30522, the weights have 30522 rows"):
        open_embedder(str(tmp_path))


def test_a_transformer_with_a_weight_that_is_no_number_is_refused_unloaded(transformer, tmp_path):
    path = linked(transformer, tmp_path, "model.safetensors")
    places = places_of(path)
    place = places["encoder.layer.3.output.dense.weight"]
    with path.open("r+b") as file:
        file.seek(place.start + 7 * 1536 * (place.end - place.start) // (384 * 1536))
        file.write(b"\xff" * 4)
    with pytest.raises(ModelError, match=r"safetensors is damaged: row 7 of 'encoder.layer.3.output.dense"):
        open_embedder(str(tmp_path))
