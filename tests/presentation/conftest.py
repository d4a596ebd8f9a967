import json
import os
import shutil
from types import SimpleNamespace

import pytest

from recommender.main import run

PAPERS = [
    {"id": "a", "title": "产教融合的治理", "abstract": "市域产教联合体推动职业教育与产业协同发展。"},
    {"id": "b", "title": "职业教育的校企合作", "abstract": "校企合作与产教融合是职业教育的基本办学模式。"},
    {"id": "c", "title": "Perovskite solar cells", "abstract": "We study the stability of perovskite films."},
    {
        "id": "d",
        "title": "Stability of halide perovskites",
        "abstract": "Moisture degrades perovskite solar cells.",
    },
]

CHOSEN = ("RECOMMENDER_MODEL", "RECOMMENDER_ENGINE")


@pytest.fixture
def papers():
    """Two papers on vocational education in Chinese, a and b; two on perovskites in English, c and d."""
    return [dict(paper) for paper in PAPERS]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("RECOMMENDER_HOME", str(tmp_path / "home"))
    for name in CHOSEN:
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "home"


@pytest.fixture
def call(home, capsys):
    """Run one command; return its exit code, standard output and standard error."""

    def call_(*arguments):
        code = run([os.fspath(argument) for argument in arguments])
        captured = capsys.readouterr()
        return SimpleNamespace(code=code, out=captured.out, err=captured.err)

    return call_


@pytest.fixture
def write(tmp_path):
    """Write papers as JSON lines, or any text or bytes, into a file; return its path."""

    def write_(content, name="papers.jsonl"):
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            lines = (json.dumps(record, ensure_ascii=False) for record in content)
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_


@pytest.fixture(scope="session")
def built_home(tmp_path_factory, warm):
    """A home with the four papers, built and published; tests work on copies of it."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "four.jsonl"
    source.write_text("".join(json.dumps(paper, ensure_ascii=False) + "\n" for paper in PAPERS), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RECOMMENDER_HOME", str(warm(folder / "home")))
        for name in CHOSEN:
            patch.delenv(name, raising=False)
        assert run(["rebuild", str(source)]) == 0
    return folder / "home"


@pytest.fixture
def built(call, write, home, built_home):
    """A home with the four papers, built and published."""
    write(PAPERS, "four.jsonl")
    shutil.copytree(built_home, home)
    return call


@pytest.fixture(scope="module")
def homes_done():
    return {}


@pytest.fixture
def once(home, homes_done, tmp_path_factory):
    """Do something to the home for the first test of a module, and give the others a copy of that home."""

    def once_(name, do):
        if name in homes_done:
            kept, told = homes_done[name]
            shutil.rmtree(home)
            shutil.copytree(kept, home)
            return told
        told = do()
        kept = shutil.copytree(home, tmp_path_factory.mktemp("done") / "home")
        homes_done[name] = kept, told
        return told

    return once_
