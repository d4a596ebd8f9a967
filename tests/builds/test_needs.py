"""A rebuild that cannot end is refused before it begins."""

from pathlib import Path

import numpy as np
import pytest

from recommender.builds.needs import Needs, free_disk, free_memory
from recommender.embedding import EmbeddingCache, count_cached
from recommender.errors import SettingsError
from recommender.settings import Settings
from recommender.workspace import Workspace


def test_what_is_needed_grows_with_papers_and_dimensions():
    # 1,000 papers, 256 dimensions: a vector of 1,024 bytes a paper in memory, six of them on the disk
    assert Needs.of(1_000, 256) == Needs(memory=6_524_000, disk=13_144_000)
    assert Needs.of(1_000, 640).memory - Needs.of(1_000, 256).memory == 1_000 * 4 * 384
    assert Needs.of(1_000, 640).disk - Needs.of(1_000, 256).disk == 1_000 * 6 * 4 * 384


@pytest.mark.parametrize(
    ("memory", "disk", "what"), [(99, 50, "of memory"), (100, 49, "of disk"), (None, 49, "of disk")]
)
def test_too_little_is_refused(memory, disk, what):
    with pytest.raises(SettingsError, match=what):
        Needs(memory=100, disk=50).check(memory, disk)


def test_what_is_too_little_is_told_in_units_that_tell_it():
    needs = Needs.of(1_000, 256)
    with pytest.raises(SettingsError, match=r"about 6\.5 MB of memory and there are 4\.0 kB;"):
        needs.check(4_000, 0)
    with pytest.raises(SettingsError, match=r"about 13\.1 MB of disk and there are 11\.0 MB;"):
        needs.check(None, 11_000_000)


@pytest.mark.parametrize("memory", [100, None])
def test_just_enough_is_enough(memory):
    Needs(memory=100, disk=50).check(memory, 50)


def test_free_memory_is_what_the_system_tells(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:    7 kB\n")
    nowhere = tmp_path / "nowhere"
    assert free_memory(tmp_path / "meminfo", nowhere, nowhere) == 7 * 1024
    assert free_memory(nowhere, nowhere, nowhere) is None


GROUPS = {
    "its own limit": ({"a/b": (900, 400)}, 500),
    "the limit of the group above": ({"a": (800, 700), "a/b": ("max", 400)}, 100),
    "the limit of the container": ({"": (1_000, 990), "a/b": (900, 400)}, 10),
    "no limit": ({"a/b": ("max", 400)}, 7_168),
    "more than the system has": ({"a/b": (9_000, 10)}, 7_168),
    "beyond the limit": ({"a/b": (400, 900)}, 0),
}


@pytest.mark.parametrize("case", GROUPS)
def test_in_a_container_its_limit_counts_too(tmp_path, case):
    limits, free = GROUPS[case]
    (tmp_path / "meminfo").write_text("MemAvailable:    7 kB\n")
    (tmp_path / "cgroup").write_text("4:memory:/x\n0::/a/b\n")
    for name, (limit, used) in limits.items():
        group(tmp_path / "groups" / name, limit, used)
    assert free_memory(tmp_path / "meminfo", tmp_path / "cgroup", tmp_path / "groups") == free


def group(folder, limit, used, files=0):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {files}\nactive_file 0\n")


def test_files_that_were_read_take_no_memory_away(tmp_path):
    (tmp_path / "cgroup").write_text("0::/../elsewhere\n")  # as a container sees a group outside of it
    group(tmp_path / "groups", 1_000, 950, files=600)
    assert free_memory(tmp_path / "nowhere", tmp_path / "cgroup", tmp_path / "groups") == 650


def test_vectors_that_are_cached_need_no_more_disk(tmp_path):
    # 1,000 papers, 256 dimensions: four of the six vectors of a paper, 1,024 bytes each, lie in the cache
    assert Needs.of(1_000, 256, 250).disk == 13_144_000 - 250 * 4 * 1_024
    assert Needs.of(1_000, 256, 9_999).disk == 13_144_000 - 1_000 * 4 * 1_024
    assert Needs.of(1_000, 256, 250).memory == Needs.of(1_000, 256).memory
    assert count_cached(tmp_path, "letters") == 0
    assert [*tmp_path.iterdir()] == []
    with EmbeddingCache(tmp_path, fingerprint="letters", dim=2) as cache:
        cache.put(["00" * 32, "11" * 32], np.eye(2, dtype=np.float32))
    assert count_cached(tmp_path, "letters") == 2
    (tmp_path / "letters" / "vectors.db").write_bytes(b"damaged" * 1_000)
    assert count_cached(tmp_path, "letters") == 0


def test_the_disk_of_a_folder_to_come_is_that_of_its_parent(tmp_path):
    assert free_disk(tmp_path / "not" / "yet") == pytest.approx(free_disk(tmp_path), rel=0.1)


def test_a_workspace_refuses_and_leaves_nothing(tmp_path):
    source = tmp_path / "papers.jsonl"
    source.write_text('{"id": "1", "title": "产教融合"}\n', encoding="utf-8")
    workspace = Workspace(Settings(home=Path(tmp_path / "home"), memory=6_523))  # a paper needs 6,524 bytes
    with workspace.writing():
        workspace.import_files([source])
        with pytest.raises(SettingsError, match="of memory"):
            workspace.rebuild()
        assert workspace.store.builds() == []
        assert not [*tmp_path.rglob("*.partial")]
