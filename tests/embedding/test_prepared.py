"""A tokenizer prepared for questions gives the very tokens of the whole one, or leaves it to that."""

import errno

import pytest

from recommender.embedding.prepared import FILE, PreparedUnigram, opened
from recommender.embedding.static import StaticEmbedder
from recommender.embedding.tokenizer import TextTokenizer
from recommender.errors import ModelError
from recommender.readers import read_papers
from recommender.settings import bundled

ODD = [
    "",
    "!?",
    "e\u0301tude",
    "😀 産学連携",
    "ｆｕｌｌ ｗｉｄｔｈ",
    "ⵣⴰⵎ",
    "ปัญญา",
    "x" * 300,
    "हिन्दी",
    "\u0378",
    "3.5 %",
]


@pytest.fixture(scope="module")
def whole():
    return TextTokenizer(bundled("models", "fast") / "tokenizer.json")


@pytest.fixture(scope="module")
def path(whole, tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "model" / FILE
    whole.prepare("fast", path)
    return path


@pytest.fixture
def prepared(path):
    return TextTokenizer(bundled("models", "fast") / "tokenizer.json", opened(path, "fast"))


@pytest.fixture(scope="module")
def texts():
    papers = [entry.paper for entry in read_papers(bundled("data", "sample.jsonl"))][::6]
    return [*ODD, *(paper.title for paper in papers), *(paper.abstract for paper in papers[:20])]


def test_the_tokens_are_the_same(whole, prepared, texts):
    assert len(prepared) == len(whole)
    for text in texts:
        assert prepared.encode([text])[0].tolist() == whole.encode([text])[0].tolist(), text
    assert prepared._is_read is False or whole._light.encode("\u0378") is None


def test_many_texts_are_read_by_the_whole_tokenizer(whole, prepared, texts):
    found = [tokens.tolist() for tokens in prepared.encode(texts)]
    assert found == [tokens.tolist() for tokens in whole.encode(texts)]
    assert prepared._is_read


def test_a_damaged_file_changes_no_token(whole, path, tmp_path, texts):
    content = bytearray(path.read_bytes())
    content[len(content) // 4 :: 64] = bytes(len(content[len(content) // 4 :: 64]))
    damaged = tmp_path / FILE
    for other in (bytes(content), content[:5000], b"", content[:-1]):
        damaged.write_bytes(other)
        tokenizer = TextTokenizer(bundled("models", "fast") / "tokenizer.json", opened(damaged, "fast"))
        for text in texts[11:16]:
            assert tokenizer.encode([text])[0].tolist() == whole.encode([text])[0].tolist()


def test_what_was_prepared_of_another_model_is_not_opened(path):
    assert opened(path, "fast") is not None
    assert opened(path, "quality") is None
    assert opened(None, "fast") is None
    assert isinstance(opened(path, "fast"), PreparedUnigram)


def test_what_was_half_written_does_not_stay(tmp_path, monkeypatch):
    model = StaticEmbedder(bundled("models", "fast"))
    model.prepare(tmp_path)
    folder = tmp_path / model.fingerprint
    whole = {path.name for path in folder.iterdir()}
    (folder / FILE).unlink()

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("recommender.embedding.static.remember", lambda *_: None)
        patch.setattr("os.fsync", full)
        with pytest.raises(ModelError, match="check the disk"):
            model.prepare(tmp_path)
    assert {path.name for path in folder.iterdir()} == whole - {FILE}
    (folder / f".{FILE}.123").write_bytes(b"half of a fi")  # by a process that was killed
    model.prepare(tmp_path)
    assert {path.name for path in folder.iterdir()} == whole


def test_a_model_that_was_prepared_gives_the_same_vectors_and_is_known_by_its_looks(tmp_path, monkeypatch):
    folder = bundled("models", "fast")
    first = StaticEmbedder(folder)
    first.prepare(tmp_path)

    def never(folder):
        raise AssertionError("the model was hashed")

    monkeypatch.setattr("recommender.embedding.static.fingerprint", never)
    again = StaticEmbedder(folder, tmp_path, first.fingerprint)
    assert again.fingerprint == first.fingerprint
    assert (again.encode(["产教融合 治理"]) == first.encode(["产教融合 治理"])).all()
    assert not again._tokenizer._is_read
    for kept, expected in ((None, first.fingerprint), (tmp_path, "another"), (tmp_path, "")):
        with pytest.raises(AssertionError, match="hashed"):
            StaticEmbedder(folder, kept, expected)
