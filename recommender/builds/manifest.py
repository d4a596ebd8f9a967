"""The manifest of a build: what it was made of, and the digest of every file. Written last."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from recommender.builds.verdict import GateVerdict
from recommender.errors import BuildError, OtherFormatError
from recommender.files import FileStamp, write_durably
from recommender.lookup.summary import FORMAT, is_whole, stamped
from recommender.lookup.summary import FROM_SAMPLE as FROM_SAMPLE
from recommender.settings import DEFAULT_RECALL

FILE = "manifest.json"
FROM_LIBRARY = "library"
# What is not written where it is empty, since programs before did not know it.
UNSAID = ("verdict", "recall_of_neighbours", "n_carried", "n_changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Everything about a build that is not a paper.

    Attributes:
        build_id: Name of the build's folder; sorts by time.
        created: When, in ISO 8601, UTC.
        origin: `FROM_LIBRARY` or `FROM_SAMPLE`.
        corpus_digest: Names the exact records.
        model, model_fingerprint, dim: Which model, exactly which, and the length of its vectors.
        engine: Which engine wrote the index.
        recall: The share of the ten nearest that the index found when it was made; None: it compares all.
        recall_target: The share that it was to find.
        recall_of_neighbours: The share of the ten nearest of some papers, all papers compared, that was found
            for the stored neighbours; None: they were looked for among the nearest of all vectors.
        n_carried: Papers whose neighbours are those of the build before, but for what is new or gone.
        n_changed: How many papers came or went since what is usual in the corpus was told anew.
        ranking: How the neighbours were ranked.
        n_papers: Papers that can be answered with and asked for; rows of every file.
        n_blank, n_rejected: Records that are known but cannot be answered.
        n_windowed: Papers longer than the model reads at once, read in windows.
        n_neighbours: How many neighbours of each paper are stored.
        languages: Papers a language.
        files: Stamp of every file of the build but this one.
        verdict: Of the gate; None: the build was never judged, and the file does not speak of it.
    """

    build_id: str
    created: str
    origin: str
    corpus_digest: str
    model: str
    model_fingerprint: str
    dim: int
    engine: str
    ranking: str
    n_papers: int
    n_blank: int
    n_rejected: int
    n_windowed: int
    n_neighbours: int
    languages: dict[str, int]
    files: dict[str, FileStamp]
    format: int = FORMAT
    recall: float | None = None
    recall_target: float = DEFAULT_RECALL
    recall_of_neighbours: float | None = None
    n_carried: int = 0
    n_changed: int = 0
    verdict: GateVerdict | None = None

    @property
    def is_sample(self) -> bool:
        """Whether the papers are those that ship with the product."""
        return self.origin == FROM_SAMPLE

    def write(self, folder: Path) -> None:
        """Write the manifest into the build's folder, with a digest of itself."""
        record = asdict(self)
        for name in UNSAID:
            if not record[name]:
                del record[name]
        content = {**record, "checksum": _checksum(record)}
        text = json.dumps(content, ensure_ascii=False, indent=1)
        write_durably(folder / FILE, stamped(text))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the manifest of a build's folder.

        Raises:
            OtherFormatError: It is of another version.
            BuildError: It is missing or damaged.
        """
        path = folder / FILE
        try:
            content = path.read_bytes()
            record: dict[str, Any] = json.loads(content)
            checksum, stamp = record.pop("checksum"), record.pop("crc32", None)
            if checksum != _checksum(record):
                raise ValueError("its checksum does not fit")
            if record["format"] != FORMAT:
                is_sample = record.get("origin") == FROM_SAMPLE
                raise OtherFormatError(path, record["format"], FORMAT, is_sample=is_sample)
            if stamp is None or not is_whole(content):
                raise ValueError("it is not as it was written")
            files = {name: FileStamp(**stamp) for name, stamp in record["files"].items()}
            verdict = GateVerdict.from_dict(record["verdict"]) if "verdict" in record else None
            return cls(**{**record, "files": files, "verdict": verdict})
        except OSError as problem:
            raise BuildError(
                f"{path} cannot be read ({problem.strerror}); publish another build"
            ) from problem
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            raise BuildError(f"{path} is damaged ({problem}); publish another build, or rebuild") from problem


def _checksum(record: dict[str, Any]) -> str:
    canonical = json.dumps(record, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
