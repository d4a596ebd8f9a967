"""A rebuild by a Ray of our own: the same files, and nothing that another machine could reach."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from recommender import Settings, Workspace
from recommender.settings import bundled

ROOT = Path(__file__).resolve().parents[2]
NIGHT = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
ADDRESSES = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
LISTENS, LOOPBACK = "0A", ("0100007F", "0000000000000000FFFF00000100007F", "0" * 24 + "01000000")


def listeners():
    """Return whatever listens on this machine to more than the machine itself."""
    fields = [line.split() for path in ADDRESSES for line in path.read_text().splitlines()[1:]]
    return {f[1] for f in fields if f[3] == LISTENS and f[1].partition(":")[0] not in LOOPBACK}


def rebuild(home, workers):
    """Rebuild from some papers of the sample, and return who listens meanwhile that did not before."""
    source, before, during = Path(home) / "papers.jsonl", listeners(), set()
    source.parent.mkdir()
    lines = bundled("data", "sample.jsonl").read_text(encoding="utf-8").splitlines()[:150]
    source.write_text("\n".join(lines), encoding="utf-8")
    workspace = Workspace(Settings(home=Path(home), workers=workers), clock=lambda: NIGHT)
    with workspace.writing():
        workspace.import_files([source])
        workspace.rebuild(on_stage=lambda stage, done, total: during.update(listeners()))
    return sorted(during - before)


def files_of(home):
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((home / "builds").glob("[!.]*/*"))  # the hidden ones hold times
        if path.is_file()
    }


@pytest.mark.loopback
@pytest.mark.skipif(not ADDRESSES[0].exists(), reason="needs /proc/net, to see who listens")
@pytest.mark.skipif(find_spec("ray") is None, reason="needs ray: pip install 'recommender[ray]'")
def test_all_cores_make_the_same_build_and_nobody_outside_is_listened_to(tmp_path):
    shared, alone = tmp_path / "shared", tmp_path / "alone"
    run = subprocess.run(
        [sys.executable, __file__, shared],
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # for the workers too
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout.splitlines()[-1]) == {"listeners": [], "ray": True}
    assert rebuild(alone, "") == []
    assert len(files_of(alone)) > 8
    assert files_of(shared) == files_of(alone)


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"listeners": rebuild(sys.argv[1], "local"), "ray": "ray" in sys.modules}))
