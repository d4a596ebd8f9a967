import sys

import numpy as np
import pytest

from recommender.errors import MissingExtraError
from recommender.extras import require
from tests.conftest import build_index


def test_a_library_that_is_there_is_returned():
    assert require("json", "none") is sys.modules["json"]


def test_a_missing_one_is_asked_for_in_one_sentence():
    with pytest.raises(MissingExtraError) as caught:
        require("no_such_library.part", "parquet")
    assert str(caught.value) == (
        "this needs no_such_library.part, which is not installed: pip install 'recommender[parquet]'"
    )


def test_one_that_is_there_but_broken_is_not_called_missing(tmp_path, monkeypatch):
    (tmp_path / "broken_library.py").write_text("import no_such_library")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_library"):
        require("broken_library", "parquet")


@pytest.mark.parametrize(("module", "sample"), [("pyarrow", "a.parquet"), ("zstandard", "a.jsonl.zst")])
def test_a_file_that_needs_a_missing_library_says_so(tmp_path, monkeypatch, module, sample):
    from recommender.readers import read_papers

    monkeypatch.setitem(sys.modules, module, None)
    path = tmp_path / sample
    path.write_bytes(b"PAR1...." if module == "pyarrow" else b"\x28\xb5\x2f\xfd....")
    with pytest.raises(MissingExtraError, match=f"this needs {module}, which is not installed"):
        list(read_papers(path))


def test_an_engine_that_needs_a_missing_library_says_so(tmp_path, monkeypatch):
    from recommender.index import engine_named

    monkeypatch.setitem(sys.modules, "pymilvus", None)
    vectors = np.eye(3, dtype=np.float32)
    with pytest.raises(MissingExtraError, match=r"this needs pymilvus, .* 'recommender\[milvus\]'"):
        build_index(engine_named("milvus"), vectors, tmp_path, [3])
