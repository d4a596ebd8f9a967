"""Papers of all fields in one language beside those of one field in another: neither may crowd the other out.

A journal platform holds such corpora: a system that takes a language's field for its language, or brings the
other language forward whatever it is about, fills the ten nearest with strangers.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from recommender.training.development.chinese import CSL, PAPERS
from recommender.training.development.english import ARXIV
from recommender.training.development.tasks import SameLabel, Task
from recommender.training.pairs import held_out
from recommender.training.sources import records

ENGLISH, CHINESE = 1_500, 2_500
STRANGER = ""  # the label of what stands beside


def mixed(data: Path) -> Iterator[Task]:
    """Ask for the discipline of papers of CSL beside arXiv, for the category of arXiv beside ChinaXiv."""
    csl = list(records(data / CSL))
    unseen = (paper for paper in records(data / ARXIV) if held_out(paper["id"]) and paper.get("label"))
    arxiv = list(islice(unseen, ENGLISH))
    chinese = list(islice(records(data / PAPERS), CHINESE))
    if csl and arxiv:
        name = f"CSL beside {len(arxiv):,} papers of arXiv: same-discipline P@10"
        yield _beside(name, csl, "discipline", arxiv)
    if arxiv and chinese:
        name = f"arXiv beside {len(chinese):,} papers of ChinaXiv: same primary category P@10"
        yield _beside(name, arxiv, "label", chinese)


def _beside(
    name: str, papers: Sequence[dict[str, str]], label: str, others: Sequence[dict[str, str]]
) -> Task:
    return SameLabel(
        name=name,
        texts=[paper["abstract"] for paper in (*papers, *others)],
        labels=[*(paper[label] for paper in papers), *(STRANGER for _ in others)],
        asked=range(len(papers)),
    )
