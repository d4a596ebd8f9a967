import hashlib
import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recommender.builds import Manifest
from recommender.builds.manifest import FILE
from recommender.builds.verdict import GateVerdict, MetricChange
from recommender.errors import BuildError
from recommender.files import FileStamp
from recommender.lookup.summary import FORMAT, Summary, stamped

MANIFEST = Manifest(
    build_id="20261123T021500Z",
    created="2026-11-23T02:15:00+00:00",
    origin="library",
    corpus_digest="ab" * 32,
    model="模型/快速",
    model_fingerprint="0123456789abcdef",
    dim=256,
    engine="flat",
    ranking="cosine",
    n_papers=19,
    n_blank=1,
    n_rejected=0,
    n_windowed=3,
    n_neighbours=50,
    languages={"zh": 18, "en": 1},
    files={"papers.bin": FileStamp(size=16384, sha256="cd" * 32)},
)

VERDICT = GateVerdict(
    judged="2026-11-23T02:16:00+00:00",
    against="20261122T021500Z",
    passed=False,
    reasons=("nDCG@10 falls by 0.500",),
    metrics=(MetricChange(metric="nDCG@10", n_queries=30, mean=-0.5, low=-0.6, high=-0.4, p=0.002),),
    n_lost=2,
    share_lost=0.1,
)
JUDGED = replace(MANIFEST, verdict=VERDICT)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module", params=[MANIFEST, JUDGED], ids=["not judged", "judged"])
def manifest(request):
    return request.param


@pytest.fixture(scope="module")
def content(folder, manifest):
    manifest.write(folder)
    return (folder / FILE).read_bytes()


def read(folder, content):
    (folder / FILE).write_bytes(content)
    return Manifest.read(folder)


def signed(record):
    """Return the record as a file with the checksum that fits it."""
    canonical = json.dumps(record, sort_keys=True, separators=(",", ":"))
    checksum = hashlib.sha256(canonical.encode()).hexdigest()
    return stamped(json.dumps({**record, "checksum": checksum}, indent=1))


def record_of(content):
    record = json.loads(content)
    del record["checksum"], record["crc32"]
    return record


def test_what_is_written_is_read(folder, content, manifest):
    assert read(folder, content) == manifest


def test_a_manifest_that_was_never_judged_does_not_speak_of_it(folder):
    MANIFEST.write(folder)
    assert "verdict" not in record_of((folder / FILE).read_bytes())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"judged": "last night"}, "isoformat"),
        ({"passed": True}, "contradicts its reasons"),
        ({"reasons": []}, "contradicts its reasons"),
        ({"colour": "red"}, "colour"),
        ({"metrics": [{"metric": "nDCG@10"}]}, "n_queries"),
        ({"metrics": 3}, "iterable"),
    ],
)
def test_a_verdict_that_is_none_is_refused(folder, change, said):
    JUDGED.write(folder)
    record = record_of((folder / FILE).read_bytes())
    with pytest.raises(BuildError, match=said):
        read(folder, signed({**record, "verdict": record["verdict"] | change}))
    with pytest.raises(BuildError, match="damaged"):
        read(folder, signed({**record, "verdict": None}))


def test_a_wrong_character_at_any_position_is_detected(folder, content):
    for place in range(len(content)):
        wrong = b"!" if content[place : place + 1] != b"!" else b"?"
        with pytest.raises(BuildError, match=r"manifest\.json is damaged"):
            read(folder, content[:place] + wrong + content[place + 1 :])


@given(data=st.data(), byte=st.integers(0, 255))
def test_a_changed_byte_is_refused_or_changes_nothing(folder, content, manifest, data, byte):
    place = data.draw(st.integers(0, len(content) - 1))
    changed = content[:place] + bytes([byte]) + content[place + 1 :]
    try:
        found = read(folder, changed)
    except BuildError:
        with pytest.raises(ValueError, match="checksum"):
            Summary(changed)
        return
    assert (found, changed) == (manifest, content)


def test_a_summary_says_what_the_manifest_says(content, manifest):
    summary = Summary(content)
    assert summary.build_id == manifest.build_id
    assert summary.is_sample == manifest.is_sample
    assert summary.sizes == {name: stamp.size for name, stamp in manifest.files.items()}


def test_a_summary_knows_the_sample_and_refuses_another_format(folder):
    replace(MANIFEST, origin="bundled sample").write(folder)
    assert Summary((folder / FILE).read_bytes()).is_sample
    replace(MANIFEST, format=30).write(folder)
    with pytest.raises(ValueError, match="another format"):
        Summary((folder / FILE).read_bytes())


def test_a_file_that_was_cut_off_is_refused_wherever_the_cut_is(folder, content):
    for size in range(len(content) - 1):  # without the last line end it is whole
        with pytest.raises(BuildError, match="damaged"):
            read(folder, content[:size])


@given(st.binary(max_size=50))
@example(b"[]")
@example(b"{}")
@example(b"null")
@example(b'{"checksum": NaN}')
@example(b"[" * 100_000)
@example(b"\xff\xfe")
def test_any_other_content_is_refused(folder, other):
    with pytest.raises(BuildError, match="damaged"):
        read(folder, other)


def test_a_missing_manifest_is_refused(tmp_path):
    with pytest.raises(BuildError, match=r"manifest\.json cannot be read"):
        Manifest.read(tmp_path)


def test_another_format_is_refused_with_what_to_do(tmp_path):
    replace(MANIFEST, format=2).write(tmp_path)
    with pytest.raises(
        BuildError, match=f"has format 2, this version reads {FORMAT}; make a new build: recommend rebuild"
    ):
        Manifest.read(tmp_path)


def test_a_manifest_with_a_field_too_few_or_too_many_is_refused(folder, content, manifest):
    record = record_of(content)
    assert read(folder, signed(record)) == manifest
    with pytest.raises(BuildError, match="colour"):
        read(folder, signed({**record, "colour": "red"}))
    del record["dim"]
    with pytest.raises(BuildError, match="dim"):
        read(folder, signed(record))


def test_a_verdict_says_in_a_few_words_what_it_found():
    assert VERDICT.summary == "refused, nDCG@10 -0.500 (p 0.002), 2 lost"
    first = replace(VERDICT, passed=True, reasons=(), metrics=(), n_lost=0)
    assert first.summary == "passed, 0 lost"
