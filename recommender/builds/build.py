"""One opened build: an immutable folder that holds all that an answer needs."""

from collections.abc import Set
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from recommender.builds import manifest as manifests
from recommender.builds import neighbours, papers
from recommender.builds.in_use import Hold
from recommender.builds.manifest import Manifest
from recommender.builds.neighbours import NeighbourTable
from recommender.builds.papers import PaperTable
from recommender.errors import BuildError
from recommender.files import FileStamp
from recommender.seen import unchanged

if TYPE_CHECKING:
    from recommender.builds.facets import FacetTable
    from recommender.index import VectorIndex
    from recommender.lexical import LexicalIndex
    from recommender.ranking import Calibration, Search


COMPARED_AT_ONCE = (
    200_000  # papers up to which a question is compared with all, in some hundredths of a second
)
KEPT = "kept."  # how the files begin that only the next rebuild reads
SMALL = 50_000_000  # bytes; fewer are read before threads would help
CHECKED = ".checked"  # folder of the notes on builds that were compared with their digests


class Build:
    """A build, opened part by part as it is asked, and closed by `with`. Safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Read the manifest and compare the files' sizes. Until it is closed the build is not pruned.

        Raises:
            BuildError: The manifest is unreadable, or a file is missing or of another size.
        """
        self.folder = folder
        self._checked: set[str] = set()  # files that were read and are whole
        try:
            self._hold = Hold(folder)
        except OSError as problem:
            raise BuildError(
                f"{folder} cannot be read ({problem.strerror}); publish another build"
            ) from problem
        self.manifest = Manifest.read(folder)
        if self.manifest.build_id != folder.name.lstrip(".").removesuffix(".partial"):
            raise BuildError(f"{folder} holds the manifest of build {self.manifest.build_id}; rebuild")
        for name, stamp in self.manifest.files.items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != stamp.size:
                raise BuildError(f"{path} is missing or cut off; roll back to another build, or rebuild")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def papers(self) -> PaperTable:
        """The records."""
        return PaperTable(self.folder, self.manifest.build_id)

    @cached_property
    def neighbours(self) -> NeighbourTable:
        """The stored neighbours of every paper."""
        return NeighbourTable(self.folder / neighbours.FILE, self.manifest.build_id)

    @cached_property
    def index(self) -> "VectorIndex":
        """The search index, opened after the digests of its files were compared.

        Raises:
            BuildError: A file is damaged.
        """
        from recommender.index import engine_named

        self._check_files(self._read_whole)
        index = engine_named(self.manifest.engine).open(self.folder)
        if len(index) != self.manifest.n_papers:
            raise BuildError(
                f"{self.folder}: the index has {len(index)} rows, not {self.manifest.n_papers}; rebuild"
            )
        return index

    @cached_property
    def search(self) -> "Search":
        """What finds the similar papers of a text, by both legs.

        Raises:
            BuildError: A file is damaged.
        """
        from recommender.index.stored import read_vectors
        from recommender.ranking import Search

        index = self._exact_index() or self.index
        vectors = read_vectors(self.folder)
        if len(vectors) != self.manifest.n_papers:
            raise BuildError(f"{self.folder}: there are {len(vectors)} vectors; rebuild")
        return Search(index, vectors, self.lexical, self.calibration, self.neighbours)

    @cached_property
    def calibration(self) -> "Calibration":
        """What is usual in the corpus, opened after its files were compared with the digests.

        Raises:
            BuildError: A file is damaged.
        """
        from recommender.ranking import Calibration
        from recommender.ranking.calibration import FILES

        self._check_files({*FILES})
        return Calibration.read(self.folder)

    @cached_property
    def lexical(self) -> "LexicalIndex":
        """The words of the papers, opened after their files were compared with the digests.

        Raises:
            BuildError: A file is damaged.
        """
        from recommender.lexical import LexicalIndex
        from recommender.lexical.index import FILES, USUAL

        self._check_files({*FILES, USUAL})
        return LexicalIndex(self.folder, self.manifest.n_papers)

    def _exact_index(self) -> "VectorIndex | None":
        """Return what compares all vectors with a question, where the engine finds the same or no more.

        To a question in a process of its own importing the engine would take longer than the search.
        """
        from recommender.index import OUTSIDE, OWN_FILES, engine_named

        manifest = self.manifest
        if manifest.engine in OUTSIDE.values() or (manifest.recall and manifest.n_papers > COMPARED_AT_ONCE):
            return None
        self._check_files({name for name in self._read_whole if not name.startswith(OWN_FILES)})
        return engine_named("flat").open(self.folder)

    @cached_property
    def facets(self) -> "FacetTable":
        """What papers can be filtered by, opened after the digests of its files were compared.

        Raises:
            BuildError: A file is damaged.
        """
        from recommender.builds.facets import FILES, FacetTable

        self._check_files({*FILES})
        return FacetTable(self.folder)

    @property
    def _read_whole(self) -> set[str]:
        """The files that a search reads without looking at checksums of their parts."""
        by_parts = {*papers.FILES, neighbours.FILE}
        return {name for name in self.manifest.files if name not in by_parts and not name.startswith(KEPT)}

    def _check_files(self, names: Set[str]) -> None:
        """Read files in full, each once; what is not as it was when it was compared is compared again."""
        from recommender.workers import HERE, THREADS

        def check(name: str) -> None:
            if not unchanged(self.note, [self.folder / name]):
                self.check_file(name)
            self._checked.add(name)

        unchecked = sorted(names - self._checked)
        size = sum(self.manifest.files[name].size for name in unchecked)
        for _ in (THREADS if size > SMALL else HERE).map(check, unchecked):
            pass

    @property
    def note(self) -> Path:
        """Where it is written down how the files of the build looked when they were compared."""
        return self.folder.parent / CHECKED / f"{self.manifest.build_id}.json"

    def check_file(self, name: str) -> None:
        """Compare one file with its digest in the manifest.

        Raises:
            BuildError: It is another.
        """
        path = self.folder / name
        try:
            stamp = FileStamp.of(path)
        except OSError as problem:
            raise BuildError(f"{path} cannot be read ({problem.strerror}); rebuild") from problem
        if stamp != self.manifest.files[name]:
            raise BuildError(f"{path} is damaged (its SHA-256 has changed); roll back, or rebuild")
        self._checked.add(name)

    def verify_files(self) -> None:
        """Check that the build holds its files, and each what its digest says.

        Raises:
            BuildError: The first that it does not hold, or that it should not.
        """
        from recommender.workers import THREADS

        present = {path.name for path in self.folder.iterdir()} - {manifests.FILE}
        if unknown := present - set(self.manifest.files):
            raise BuildError(f"{self.folder} holds files of no build: {', '.join(sorted(unknown))}; rebuild")
        for _ in THREADS.map(self.check_file, sorted(self.manifest.files)):
            pass

    def verify(self) -> None:
        """Check every promise of the build: digests, lengths, alignment.

        Raises:
            BuildError: The first promise that is broken.
        """
        self.verify_files()
        self.papers.check()
        self.neighbours.check()
        lengths = {
            "papers": len(self.papers),
            "index": len(self.index),
            "neighbours": len(self.neighbours),
        }
        if set(lengths.values()) != {self.manifest.n_papers}:
            raise BuildError(
                f"{self.folder} is out of step: {lengths}, expected {self.manifest.n_papers} each; rebuild"
            )

    def close(self) -> None:
        """Close what was opened, and let the build be pruned."""
        for opened in {"papers", "facets"} & self.__dict__.keys():
            getattr(self, opened).close()
        self._hold.release()
