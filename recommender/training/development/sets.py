"""The development sets, read from the data folder into questions. Nothing here is trained on."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from recommender.training.development import chinese, english, mixed, parallel, product
from recommender.training.development.tasks import Task


@dataclass(frozen=True, slots=True)
class DevelopmentSet:
    """A set by name.

    Attributes:
        files: What it is made of, below the data folder.
        tasks: Reads the data folder and yields the questions; none where the files hold too little.
    """

    files: tuple[str, ...]
    tasks: Callable[[Path], Iterator[Task]]

    def missing(self, data: Path) -> list[str]:
        """Return the files that are not in the data folder."""
        return [name for name in self.files if not (data / name).is_file()]


SETS: Mapping[str, DevelopmentSet] = {
    "csl": DevelopmentSet((chinese.CSL,), chinese.csl),
    "chinaxiv": DevelopmentSet((parallel.CHINAXIV, parallel.CHINAXIV_TRAINED), parallel.chinaxiv),
    "tatoeba": DevelopmentSet((parallel.TATOEBA,), parallel.tatoeba),
    "tico19": DevelopmentSet((parallel.TICO19,), parallel.tico19),
    "citations": DevelopmentSet((chinese.PAPERS, chinese.CITATIONS), chinese.citations),
    "records": DevelopmentSet((chinese.CSL, chinese.PAPERS, chinese.CITATIONS), chinese.whole_records),
    "arxiv": DevelopmentSet((english.ARXIV,), english.arxiv),
    "acl": DevelopmentSet((english.ACL,), english.acl),
    "bias": DevelopmentSet((parallel.CHINAXIV, parallel.CHINAXIV_TRAINED), parallel.language_bias),
    "mixed": DevelopmentSet((chinese.CSL, english.ARXIV, chinese.PAPERS), mixed.mixed),
    "sample": DevelopmentSet((), product.sample),
    "seed": DevelopmentSet((product.SEED_PAGE,), product.seed_page),
}
