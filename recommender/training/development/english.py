"""Development sets of English papers: arXiv held out from training, and volumes of the ACL Anthology."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from recommender.training.development.tasks import OwnText, SameLabel, SharedSets, Task
from recommender.training.pairs import held_out
from recommender.training.sources import records

ARXIV = "papers/arxiv_en.jsonl.xz"
ACL = "papers/acl_anthology.jsonl.xz"
ARXIV_PAPERS = 5_000
ACL_PAPERS = 3_000
VOLUME_SIZES = range(20, 51)  # large enough to fill ten places, small enough to be about one topic
SEED = 0

MODERN_ID = re.compile(r"(?P<volume>\d{4}\.\S+)\.\d+")
CLASSIC_ID = re.compile(r"(?P<event>[A-Z]\d\d)-(?P<volume>\d)(?P<second>\d)\d\d")


def arxiv(data: Path) -> Iterator[Task]:
    """Ask for title and categories of papers that training does not see."""
    unseen = (paper for paper in records(data / ARXIV) if held_out(paper["id"]))
    papers = list(islice(unseen, ARXIV_PAPERS))
    titles, abstracts = ([paper[name] for paper in papers] for name in ("title", "abstract"))
    if papers:
        name = f"arXiv: title→abstract R@1 among {len(papers):,}"
        yield OwnText(name=name, queries=titles, answers=abstracts, corpus=abstracts)
    labelled = [paper for paper in papers if paper.get("label")]
    if len(labelled) > 1:
        yield SameLabel(
            name="arXiv: same primary category P@10",
            texts=[paper["abstract"] for paper in labelled],
            labels=[paper["label"] for paper in labelled],
        )
    crossing = [paper for paper in papers if len(paper.get("cats") or ()) > 1]
    if len(crossing) > 1:
        yield SharedSets(
            name="arXiv: overlap of several categories, ten nearest",
            texts=[paper["abstract"] for paper in crossing],
            sets=[set(paper["cats"]) for paper in crossing],
        )


def acl(data: Path) -> Iterator[Task]:
    """Ask for papers of the same volume, mostly a workshop's; the titles and abstracts were trained on."""
    volumes: dict[str, list[str]] = {}
    for paper in records(data / ACL):
        volume = volume_of(paper["id"])
        if volume and paper["lang"] == "en" and paper["abstract"]:
            volumes.setdefault(volume, []).append(paper["abstract"])
    labels, texts = [], []
    for volume in _chosen(Counter({name: len(papers) for name, papers in volumes.items()})):
        labels += [volume] * len(volumes[volume])
        texts += volumes[volume]
    if texts:
        yield SameLabel(name="ACL Anthology: same volume P@10", texts=texts, labels=labels)


def volume_of(paper_id: str) -> str | None:
    """Return the volume that an ACL Anthology id names, None where it names none.

    In ids of the classic form workshops have two digits for the volume, other events one.

    >>> [volume_of(f"acl:{name}") for name in ("2020.acl-srw.1", "L16-1517", "W17-5045", "D19-5556")]
    ['2020.acl-srw', 'L16-1', 'W17-50', 'D19-55']
    """
    name = paper_id.removeprefix("acl:")
    if modern := MODERN_ID.fullmatch(name):
        return modern["volume"]
    if not (classic := CLASSIC_ID.fullmatch(name)):
        return None
    is_workshop = name.startswith("W") or (classic["event"] == "D19" and classic["volume"] >= "5")
    return f"{classic['event']}-{classic['volume']}{classic['second'] if is_workshop else ''}"


def _chosen(sizes: Counter[str]) -> list[str]:
    """Draw whole volumes of moderate size until there are enough papers."""
    names = sorted(name for name, size in sizes.items() if size in VOLUME_SIZES)
    random.Random(SEED).shuffle(names)  # noqa: S311
    chosen, n_papers = [], 0
    for name in names:
        if n_papers >= ACL_PAPERS:
            break
        chosen.append(name)
        n_papers += sizes[name]
    return sorted(chosen)
