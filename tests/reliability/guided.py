"""The parsers that are written by hand, given what leads into ever new branches of them (atheris, libFuzzer).

    pip install atheris==3.0.0
    python -m tests.reliability.guided                 every parser, 20,000 inputs each
    python -m tests.reliability.guided --long          500,000 each
    python -m tests.reliability.guided latex records   these
    python -m tests.reliability.guided --runs 1000 --seed 7 --keep FOLDER

A parser takes an input or refuses it in its own words; anything else, or a minute for one input, ends the
run with the input in a file. Where a format has checksums the run begins with a whole file, and a manifest
is also read as if it had been written so.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import save

from recommender.builds import manifest as manifests
from recommender.builds.neighbours import write_neighbours
from recommender.builds.verdict import GateVerdict, MetricChange
from recommender.embedding.charsmap import Charsmap
from recommender.embedding.light import LightTokenizer
from recommender.embedding.prepared import MAGIC as TOKENS
from recommender.embedding.prepared import opened as opened_vocabulary
from recommender.embedding.prepared import prepare
from recommender.embedding.safetensors_file import check_numbers, places_of
from recommender.embedding.unigram import Unigram
from recommender.errors import BuildError, HarvestError, ModelError, SourceError
from recommender.evaluation import beir, judgements, trec
from recommender.files import FileStamp
from recommender.harvesting import Request
from recommender.harvesting.download import download
from recommender.harvesting.spool import Spool
from recommender.lookup.ids import MAGIC as IDS
from recommender.lookup.ids import IdFile, write_ids
from recommender.lookup.mapped import HEADER, header, seed_of
from recommender.lookup.neighbours import MAGIC, NeighbourFile
from recommender.lookup.records import MAGIC as RECORDS
from recommender.lookup.records import RecordFile, encoded, write_records
from recommender.lookup.summary import Summary, stamped
from recommender.paper import Paper
from recommender.ranking.ranked import Listed
from recommender.readers.citation import parse_citation
from recommender.readers.latex import from_latex, from_verbatim, to_latex
from recommender.readers.markup import text_of
from recommender.readers.names import split_authors, split_keywords, split_names
from recommender.text.language import detect_language
from recommender.text.language_codes import language_code
from recommender.text.sentences import first_sentence
from recommender.text.sentences import sentences as sentences_of
from recommender.text.tokens import tokens
from recommender.text.width import columns
from tests.reliability import fuzz

SHORT, LONG = 20_000, 500_000
LONGEST = 4_096  # bytes of an input
MOST_SECONDS = 60  # for one
BUILD = "20261127T000000Z"
PAPERS = [Paper(id=name, title=f"paper {name}", authors=("A. B",), year=2020) for name in ("a", "b", "产")]
CHILD = """
import sys, atheris
with atheris.instrument_imports(include=["recommender"]):
    from tests.reliability import guided
name, n, seed, folder, keep = sys.argv[1:]
guided.guide(name, int(n), int(seed), guided.Path(folder), guided.Path(keep))
"""


def records(content: bytes, file: Path) -> None:
    """Read a file of any format: papers, rejects, or a refusal with its name."""
    file.write_bytes(content)
    fuzz.read(file)


def latex(content: bytes, file: Path) -> None:
    """Read a field of BibTeX, and write it so that it is read again as it was."""
    text = content.decode("utf-8", "replace")
    plain = from_latex(text)
    from_verbatim(text)
    assert from_latex(to_latex(plain)) == plain


def markup(content: bytes, file: Path) -> None:
    """Read HTML."""
    try:
        text_of(content.decode("utf-8", "replace"))
    except ValueError:
        return


def names(content: bytes, file: Path) -> None:
    """Part fields that hold names and keywords, and a line that may be a citation: none is empty."""
    text = content.decode("utf-8", "replace")
    for split in (split_authors, split_names, split_keywords):
        assert all(part and part == part.strip() for part in split(text))
    parse_citation(text)


def words(content: bytes, file: Path) -> None:
    """Cut any text into tokens: none is empty, and none has a space."""
    assert all(token and not token.isspace() for token in tokens(content.decode("utf-8", "replace")))


def sentences(content: bytes, file: Path) -> None:
    """Cut any text into sentences, which are all of it but white space, and name its language."""
    text = content.decode("utf-8", "replace")
    assert "".join("".join(sentences_of(text)).split()) == "".join(text.split())
    assert columns(first_sentence(text, limit=60)) <= 60
    for code in (detect_language(text), language_code(text)):
        assert code == "" or len(code) == 2


def judged(content: bytes, file: Path) -> None:
    """Read pairs, qrels and runs; what can be written is read again as it was."""
    for read, write in ((judgements.read, judgements.write), (trec.read_run, trec.write_run)):
        file.write_bytes(content)
        try:
            found = read(file)
        except SourceError:
            continue
        with suppress(ValueError):  # an id that cannot be written
            write(found, file)
            assert read(file) == found


def collection(content: bytes, file: Path) -> None:
    """Read the judgements of a collection of BEIR."""
    folder = file.parent / "collection"
    if not folder.exists():
        (folder / "qrels").mkdir(parents=True)
        (folder / "corpus.jsonl").touch()
        (folder / "queries.jsonl").write_text('{"_id": "1", "text": "x"}\n{"_id": "2", "text": "y"}\n')
    (folder / "qrels" / "test.tsv").write_bytes(content)
    try:
        beir.read_collection(folder)
    except SourceError:
        return


def harvested(content: bytes, file: Path) -> None:
    """Take whatever a repository answers for what it says of itself, and for a page of records."""
    folder = file.parent / "spool"
    shutil.rmtree(folder, ignore_errors=True)
    spool = Spool(folder)
    try:
        download(Request(url="https://example.org/oai"), spool, lambda *_: content, lambda *_: None)
    except HarvestError:
        return
    with suppress(SourceError):
        for _ in spool.source("x").read(lambda reject: None):
            pass
        spool.deleted()


def replacements(content: bytes, file: Path) -> None:
    """Look characters of every length up in a table of replacements."""
    try:
        table = Charsmap(content)
        for character in "a\0ß产🐝":
            table.match(character)
    except ValueError:
        return


def tokenizer(content: bytes, file: Path) -> None:
    """Read a tokenizer.json lightly."""
    try:
        LightTokenizer.from_json(content).encode("abc")
    except (ValueError, RecursionError):
        return


def weights(content: bytes, file: Path) -> None:
    """Find the tensors of a file of weights, and look at all numbers."""
    file.write_bytes(content)
    try:
        check_numbers(file, places_of(file))
    except ModelError:
        return


def neighbours(content: bytes, file: Path) -> None:
    """Read every line of a file of neighbours whose header fits."""
    n, k = (content[0] % 7, content[1] % 5) if len(content) > 1 else (0, 0)
    file.write_bytes(header(MAGIC, n, k, seed_of(BUILD)) + content[2:])
    try:
        opened = NeighbourFile(file, BUILD)
        for row in range(opened.n_rows):
            opened.entries(row, 3)
        opened.check()
    except BuildError:
        return


def papers(content: bytes, file: Path) -> None:
    """Read every record of a file of three papers and a reason, whose header fits."""
    file.write_bytes(header(RECORDS, len(PAPERS), 1, seed_of(BUILD)) + content)
    with suppress(BuildError):
        opened = RecordFile(file, BUILD)
        for row in range(len(PAPERS)):
            opened.paper(row)
            opened.compared(row)
            opened.copies(row)
        opened.reason(len(PAPERS))


def ids(content: bytes, file: Path) -> None:
    """Look ids up in a file whose header fits, beside the records that it is of."""
    n_buckets, n = (content[0] % 4, content[1] % 5) if len(content) > 1 else (0, 0)
    beside = file.with_name(f"{n}.bin")
    if not beside.exists():
        _write_records(n, beside)
    file.write_bytes(header(IDS, n_buckets, n, seed_of(BUILD)) + content[2:])
    named = RecordFile(beside, BUILD)
    with suppress(BuildError):
        opened = IdFile(file, BUILD)
        for name in ("a", "b", "产", "c", "\ud800"):
            number = opened.number_of(name, named)
            assert number is None or named.id_of(number) == name
        opened.check(named)


def prepared(content: bytes, file: Path) -> None:
    """Open a prepared vocabulary whose header fits, and look tokens up in it."""
    n_buckets = content[0] % 4 + 1 if content else 1
    file.write_bytes(header(TOKENS, n_buckets, 3, seed_of(BUILD)) + content[1:])
    with suppress(BuildError):
        if vocabulary := opened_vocabulary(file, BUILD):
            for token in ("a", "b", "产"):
                vocabulary.number_of(token)


def manifest(content: bytes, file: Path) -> None:
    """Read a manifest as it is, and as if it had been written so."""
    folder = file.parent / "build"
    folder.mkdir(exist_ok=True)
    for written in (content, _as_written(content)):
        (folder / manifests.FILE).write_bytes(written)
        with suppress(BuildError):
            manifests.Manifest.read(folder)
        with suppress(ValueError):
            Summary(written)


def _as_written(content: bytes) -> bytes:
    try:
        record = json.loads(content)
        for name in ("checksum", "crc32"):
            record.pop(name, None)
        record["checksum"] = manifests._checksum(record)
        return stamped(json.dumps(record, ensure_ascii=False, indent=1))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return content


TARGETS: dict[str, Callable[[bytes, Path], None]] = {
    parser.__name__: parser
    for parser in (
        records, latex, markup, names, words, sentences, judged, collection, harvested, replacements,
        tokenizer, weights, neighbours, papers, ids, prepared, manifest,
    )
}  # fmt: skip


def seeds_of(name: str, folder: Path) -> list[bytes]:
    """Return the inputs that one parser begins with."""
    return SEEDS[name](folder / "seed.bin") if name in SEEDS else []


def _samples(file: Path) -> list[bytes]:
    return [sample.read_bytes() for sample in sorted(fuzz.SAMPLES.rglob("*.*"))]


def _judgements(file: Path) -> list[bytes]:
    return [
        "# pairs\nid_a\tid_b\tgrade\n1\t2\t3\n产 教\t1\t0\n".encode(),
        b"1 0 2 1\n2 0 1 -1\n",
        b"1 Q0 2 1 0.5 x\n1 Q0 3 2 0.25 x\n2 Q0 1 1 1e9 x\n",
        b"query-id\tcorpus-id\tscore\n1\t2\t3\n2\tb\t0\n",
        b"query-id\tcorpus-id\tscore\nof no query\t2\t3\n",
    ]


def _weights(file: Path) -> list[bytes]:
    return [save({"a": np.ones((3, 2), dtype=np.float32), "b": np.ones(2, dtype=np.float16)})]


def _neighbours(file: Path) -> list[bytes]:
    table = np.array([[1, 2], [0, 2], [0, 1]])
    listed = Listed(np.arange(3), np.full(3, 2), table, table / 4, table / 4, table, table / 8)
    write_neighbours([listed], table.shape, BUILD, file)
    return [bytes(table.shape) + file.read_bytes()[HEADER.size :]]


def _papers(file: Path) -> list[bytes]:
    _write_records(len(PAPERS) + 1, file)
    return [file.read_bytes()[HEADER.size :]]


def _ids(file: Path) -> list[bytes]:
    write_ids([*(paper.id for paper in PAPERS), "c"], BUILD, file)
    return [bytes((1, len(PAPERS) + 1)) + file.read_bytes()[HEADER.size :]]


def _prepared(file: Path) -> list[bytes]:
    vocabulary = Unigram(["a", "b", "产"], [b"-1.5", b"-2.5", b"-3.5"], unknown=0, byte_fallback=False)
    prepare(vocabulary, b"", BUILD, file)
    return [b"\0" + file.read_bytes()[HEADER.size :]]


def _manifests(file: Path) -> list[bytes]:
    _manifest().write(file.parent)
    return [(file.parent / manifests.FILE).read_bytes()]


SEEDS: dict[str, Callable[[Path], list[bytes]]] = {
    **dict.fromkeys(("records", "latex", "markup", "names", "sentences", "harvested"), _samples),
    **dict.fromkeys(("judged", "collection"), _judgements),
    "weights": _weights,
    "neighbours": _neighbours,
    "papers": _papers,
    "ids": _ids,
    "prepared": _prepared,
    "manifest": _manifests,
}


def _write_records(n: int, file: Path) -> None:
    """Write so many records: papers, and behind them one that cannot be answered."""
    records = [encoded(paper.values()) for paper in PAPERS[:n]]
    reasons = {"c": "no text"} if n > len(PAPERS) else {}
    write_records(records, [0, 1, 0][: len(records)], reasons, BUILD, file)


def _manifest() -> manifests.Manifest:
    texts = ("created", "origin", "corpus_digest", "model", "model_fingerprint", "engine", "ranking")
    numbers = ("dim", "n_papers", "n_blank", "n_rejected", "n_windowed", "n_neighbours")
    change = MetricChange(metric="nDCG@10", n_queries=30, mean=-0.5, low=-0.6, high=-0.4, p=0.002)
    return manifests.Manifest(
        **dict.fromkeys(texts, "模型"),
        **dict.fromkeys(numbers, 7),
        build_id=BUILD,
        languages={"zh": 7},
        files={"papers.bin": FileStamp(7, "cd" * 32)},
        verdict=GateVerdict(
            judged="2026-11-27T00:00:00+00:00",
            against=None,
            passed=False,
            reasons=("it is worse",),
            metrics=(change,),
            n_lost=2,
            share_lost=0.1,
        ),
    )


def guide(name: str, n: int, seed: int, folder: Path, keep: Path) -> None:
    """Have libFuzzer look for inputs of one parser; it ends the process."""
    import atheris  # no part of the tests' environment

    seeds, file = folder / "seeds", folder / "input.txt"
    seeds.mkdir()
    for number, content in enumerate(seeds_of(name, folder)):
        if len(content) < LONGEST:
            (seeds / str(number)).write_bytes(content)
    arguments = [
        "guided",
        f"-runs={n}",
        f"-seed={seed}",
        f"-max_len={LONGEST}",
        f"-timeout={MOST_SECONDS}",
        f"-artifact_prefix={keep}/",
        str(seeds),
    ]
    atheris.Setup(arguments, lambda content: TARGETS[name](content, file))
    atheris.Fuzz()


def main() -> None:
    """Run the parsers of the command line, each in a process of its own."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parsers", nargs="*", default=[*TARGETS], metavar="PARSER", help=", ".join(TARGETS))
    parser.add_argument("--long", action="store_true", help=f"{LONG:,} inputs, not {SHORT:,}")
    parser.add_argument("--runs", type=int, help="so many inputs")
    parser.add_argument("--seed", type=int, default=fuzz.SEED)
    parser.add_argument("--keep", type=Path, default=Path(), help="where an input that breaks one is written")
    options = parser.parse_args()
    n = options.runs or (LONG if options.long else SHORT)
    options.keep.mkdir(parents=True, exist_ok=True)
    for name in options.parsers:
        with TemporaryDirectory(dir=fuzz.IN_MEMORY) as folder:
            run = subprocess.run(
                [sys.executable, "-c", CHILD, name, str(n), str(options.seed), folder, str(options.keep)],
                stderr=subprocess.PIPE,
                text=True,
                errors="replace",
                check=False,
            )
        if run.returncode:
            sys.exit(f"{name}: {run.stderr[-3_000:]}")
        covered = re.findall(r"cov: (\d+)", run.stderr)
        done = re.findall(r"Done (\d+) runs in (\d+) second", run.stderr)
        made, seconds = done[-1] if done else (0, 0)
        branches = covered[-1] if covered else 0
        print(f"{name}: {int(made):,} inputs, {branches} branches, {seconds} s, none broke it", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
