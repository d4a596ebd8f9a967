"""A user's own papers as pairs to learn from, and the papers that are held out to measure the result.

All records of one work, its copies and its versions in other languages, fall on the same side.
"""

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from recommender.errors import UsageError
from recommender.library.rows import with_language
from recommender.paper import Paper
from recommender.text.language_codes import language_code
from recommender.training.pairs import Pairs, cleaned, fingerprints, halves, held_out
from recommender.training.recipe import Recipe
from recommender.training.sources import Streams, joined
from recommender.training.tally import Tally, refuse_spoilt

FEWEST_PAPERS = 200
FEWEST_PAIRS = 32  # of a stream: with fewer rivals there is little to tell apart
MOST_HELD_OUT = 2_000
SALT = "library"
UNKNOWN = "und"  # ISO 639-2: the language of a paper could not be determined
SUFFIX = re.compile(r"(?P<base>.+)[:._/ -](?P<language>[A-Za-z]{2,3})")
Work = tuple[Paper, ...]  # one text each, all of one work


@dataclass(frozen=True, slots=True)
class Split:
    """The works of a library, those to learn from and those that are held out."""

    learnt: tuple[Work, ...]
    held_out: tuple[Work, ...]

    @property
    def n_learnt(self) -> int:
        """Papers to learn from."""
        return sum(map(len, self.learnt))

    @property
    def n_held_out(self) -> int:
        """Papers that are not learnt from."""
        return sum(map(len, self.held_out))


def split(papers: Iterable[Paper], share: float) -> Split:
    """Hold out about a share of the papers, by a hash of their ids, so that it is always the same ones.

    Papers without text and further copies of a text are left out.

    Raises:
        UsageError: There are too few papers.
    """
    found = [*works(papers)]
    n = sum(map(len, found))
    if n < FEWEST_PAPERS:
        raise UsageError(
            f"the library has {n} papers with texts of their own; {FEWEST_PAPERS} are the fewest from which"
            " a model can learn something and be measured: use the bundled model as it is"
        )
    share = min(share, MOST_HELD_OUT / n)
    kept: tuple[list[Work], list[Work]] = ([], [])
    for work in found:
        kept[held_out(work[0].id, share=share, salt=SALT)].append(work)
    return Split(tuple(kept[0]), tuple(kept[1]))


def works(papers: Iterable[Paper]) -> Iterator[Work]:
    """Yield papers together that are records of one work, each text once, in the order of their ids.

    One work is what has one text, one DOI, or one id but for the code of the language behind it.
    """
    told = [with_language(paper) for paper in papers if not paper.is_blank]
    groups: dict[str, list[Paper]] = {}
    for paper in sorted(told, key=lambda paper: paper.id):
        merged = [paper]
        for group in {id(groups[key]): groups[key] for key in _keys(paper) if key in groups}.values():
            merged += group
        for member in merged:
            groups |= dict.fromkeys(_keys(member), merged)
    for group in {id(group): group for group in groups.values()}.values():
        texts: dict[str, Paper] = {}
        for paper in sorted(group, key=lambda paper: paper.id):
            texts.setdefault(paper.digest, paper)
        yield tuple(texts.values())


def library_streams(learnt: Sequence[Work], recipe: Recipe) -> Streams:
    """Return the pairs of the works, one language a stream.

    A stream of several languages would teach to tell languages apart, which is easy, and part them.
    """
    chance = random.Random(recipe.seed)  # noqa: S311
    streams: Streams = {}
    for paper in (paper for work in learnt for paper in work):
        language = paper.language or UNKNOWN
        for kind, left, right in _pairs_of(paper, chance, recipe.library.halvings):
            streams.setdefault(f"{language}/{kind}", Pairs()).add(left, right)
    for work in learnt:
        for one, other in combinations(work, 2):
            if one.language and other.language and one.language != other.language:
                _add_versions(streams, *sorted((one, other), key=lambda paper: paper.language, reverse=True))
    return streams


def clean_streams(
    streams: Streams, kept_apart: Sequence[Work], recipe: Recipe
) -> tuple[Streams, list[Tally]]:
    """Drop what cannot be learnt from, and say what became of each stream.

    Args:
        streams: The pairs.
        kept_apart: Works whose texts must not be learnt; a pair with one of them is a leak.
        recipe: For how much may be bad.

    Raises:
        UsageError: Too much is bad, or nothing is left.
    """
    papers = [paper for work in kept_apart for paper in work]
    forbidden = fingerprints(text for paper in papers for text in (paper.title, paper.abstract))
    tallies, bounds = [], {}
    kept: Streams = {}
    for name, pairs in sorted(streams.items()):
        good, refused = cleaned(pairs, forbidden, name)
        stream = recipe.stream_of(name)
        if stream is None or len(pairs) < FEWEST_PAIRS:
            tallies.append(Tally(name, 0, {"too few to learn from": len(pairs)}))
            continue
        kept[name], bounds[name] = good, stream
        tallies.append(Tally(name, len(good), dict(refused)))
    refuse_spoilt([tally for tally in tallies if tally.name in bounds], bounds)
    if not kept:
        raise UsageError(
            f"the library gives no {FEWEST_PAIRS} pairs in one language: a paper gives some if it has an"
            " abstract of four sentences, or an abstract and a title or keywords"
        )
    return kept, tallies


def _pairs_of(paper: Paper, chance: random.Random, halvings: int) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, left, right); each halving is a stream, or one abstract would be its own rival."""
    if paper.abstract and paper.title:
        yield "title-abstract", paper.title, paper.abstract
    if paper.abstract and paper.keywords:
        yield "abstract-keywords", paper.abstract, joined([*paper.keywords], paper.language)
    for number in range(1, halvings + 1):
        if parts := halves(paper.abstract, chance):
            yield f"halves/{number}", *parts


def _add_versions(streams: Streams, one: Paper, other: Paper) -> None:
    languages = f"{one.language}-{other.language}"
    for kind, left, right in (
        ("title", one.title, other.title),
        ("abstract", one.abstract, other.abstract),
    ):
        if left and right:
            streams.setdefault(f"{languages}/{kind}", Pairs()).add(left, right)


def _keys(paper: Paper) -> Iterator[str]:
    yield f"text {paper.digest}"
    if doi := paper.doi.lower().removeprefix("https://doi.org/").removeprefix("doi:").strip():
        yield f"doi {doi}"
    found = SUFFIX.fullmatch(paper.id)
    if found and language_code(found["language"]) == paper.language != "":
        yield f"id {found['base']}"
    yield f"id {paper.id}"
