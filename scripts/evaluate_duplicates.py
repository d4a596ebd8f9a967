"""How many duplicates are found: `python scripts/evaluate_duplicates.py [DATA]`.

Two hundred papers of the bundled sample, edited in ten ways, stand beside the sample itself, one way at a
time, and `recommend duplicates` is asked; with DATA, also for the translations among ChinaXiv abstracts in
both languages, of which those count that no model has learnt from. Every other pair that is not known to be
one work is wrong.
"""

import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from recommender.builds import BuildStore
from recommender.builds.rebuild import Corpus, HeldPapers, Parts, rebuild
from recommender.duplicates import Kind, find_duplicates
from recommender.embedding import find_model, open_embedder
from recommender.evaluation import judgements
from recommender.index import engine_named
from recommender.paper import Paper
from recommender.sample import known_pairs, sample_pairs, sample_papers
from recommender.settings import DEFAULT_MODEL
from recommender.text.sentences import sentences
from recommender.training.development.parallel import chinaxiv_pairs

PAPERS = 200
SAME_WORK = 3
Pairs = set[frozenset[str]]
Edit = Callable[[Paper, random.Random], Paper]


def unchanged(paper: Paper, _chance: random.Random) -> Paper:
    """Copy the text."""
    return paper


def without_a_sentence(paper: Paper, chance: random.Random) -> Paper:
    """Leave out one sentence."""
    return _with(paper, _but(sentences(paper.abstract), {chance.randrange(_count(paper))}))


def shortened_to_half(paper: Paper, chance: random.Random) -> Paper:
    """Leave out every second sentence, by chance."""
    n = _count(paper)
    return _with(paper, _but(sentences(paper.abstract), {*chance.sample(range(n), n // 2)}))


def first_third(paper: Paper, _chance: random.Random) -> Paper:
    """Keep the first third."""
    return _with(paper, sentences(paper.abstract)[: max(2, _count(paper) // 3)])


def sentences_shuffled(paper: Paper, chance: random.Random) -> Paper:
    """Put the sentences in another order."""
    parts = sentences(paper.abstract)
    return _with(paper, chance.sample(parts, len(parts)))


def another_title(paper: Paper, _chance: random.Random) -> Paper:
    """Give another title."""
    return replace(paper, title="研究进展与展望" if paper.language == "zh" else "A Study and an Outlook")


def no_title(paper: Paper, _chance: random.Random) -> Paper:
    """Take the title away."""
    return replace(paper, title="")


def other_numbers(paper: Paper, chance: random.Random) -> Paper:
    """Change every digit."""
    return replace(paper, abstract=re.sub(r"[0-9]", lambda _: str(chance.randrange(10)), paper.abstract))


def slips_of_the_pen(paper: Paper, chance: random.Random) -> Paper:
    """Let one letter in 25 change places with the one before."""
    letters = list(paper.abstract)
    for place in chance.sample(range(1, len(letters)), len(letters) // 25):
        letters[place - 1], letters[place] = letters[place], letters[place - 1]
    return replace(paper, abstract="".join(letters))


def words_left_out(paper: Paper, chance: random.Random) -> Paper:
    """Leave out one word, or two Han characters, in eight."""
    words = re.findall(r"[^\W\d_]{1,2}(?=[^\W\d_])|\w+|\W", paper.abstract)
    return replace(paper, abstract="".join(word for word in words if chance.random() > 0.12))


def foreign_sentences(paper: Paper, _chance: random.Random) -> Paper:
    """Add two sentences that say nothing."""
    added = {
        "zh": "本刊编辑部感谢各位审稿人的支持。更多内容请访问期刊网站，欢迎读者来信交流。",
        "en": "The editors thank the reviewers of this issue. More is on our pages; do write to us.",
    }
    return replace(paper, abstract=f"{paper.abstract} {added['zh' if paper.language == 'zh' else 'en']}")


EDITS: tuple[Edit, ...] = (
    without_a_sentence,
    shortened_to_half,
    first_third,
    sentences_shuffled,
    another_title,
    no_title,
    other_numbers,
    slips_of_the_pen,
    words_left_out,
    foreign_sentences,
)


def main(words: Sequence[str]) -> None:
    """Measure and print a table."""
    sample = list(sample_papers())
    known = {
        frozenset((one, other))
        for one, grades in judgements.read(sample_pairs()).items()
        for other, grade in grades.items()
        if grade == SAME_WORK
    }
    print("| duplicates | made | found | recall | wrong pairs | precision |\n|---|--:|--:|--:|--:|--:|")
    for edit in (unchanged, *EDITS):
        chance = random.Random(0)  # noqa: S311
        originals = sorted(sample, key=lambda paper: int(paper.id))[:PAPERS]
        edited = [
            replace(edit(paper, chance), id=f"edit-{paper.id}", venue="", authors=()) for paper in originals
        ]
        made = {frozenset((paper.id, f"edit-{paper.id}")) for paper in originals}
        report(edit.__name__.replace("_", " "), [*sample, *edited], made, known)
    report("known versions and translations of the sample", sample, known, set())
    for data in words:
        unseen, learnt = chinaxiv_pairs(Path(data), "abstract")
        rows = [*unseen, *learnt]
        papers = [Paper(id=f"zh{i}", abstract=row["src"], language="zh") for i, row in enumerate(rows)]
        papers += [Paper(id=f"en{i}", abstract=row["tgt"], language="en") for i, row in enumerate(rows)]
        pairs = [frozenset((f"zh{i}", f"en{i}")) for i in range(len(rows))]
        made, known = {*pairs[: len(unseen)]}, {*pairs[len(unseen) :]}
        report(f"translations among {len(papers):,} of ChinaXiv", papers, made, known, Kind.translated)


def report(name: str, papers: Sequence[Paper], made: Pairs, known: Pairs, only: Kind | None = None) -> None:
    """Print one line: made pairs count as found where both are in one group."""
    with tempfile.TemporaryDirectory() as folder:
        store = BuildStore(Path(folder) / "builds")
        parts = Parts(
            store=store,
            embeddings=Path(folder),
            embedder=open_embedder(str(find_model(DEFAULT_MODEL, allow_download=False))),
            model=DEFAULT_MODEL,
            engine=engine_named("faiss"),
            known=known_pairs(),
        )
        corpus = Corpus(papers=HeldPapers(papers), rejected={}, n_rejected=0, digest=name, origin="library")
        built = rebuild(corpus, parts, now=datetime.now(UTC), on_stage=lambda *_: None)
        groups = find_duplicates(store.open(built.manifest.build_id))
    pairs = {frozenset((pair.one.id, pair.other.id)): pair.kind for group in groups for pair in group.pairs}
    said = {pair for pair, kind in pairs.items() if only in (None, kind)}
    right = {pair for pair in said if pair in made or pair in known or _by_way_of(pair, made, known)}
    n_found = len(said & made)
    n_wrong = len(said - right)
    print(
        f"| {name} | {len(made):,} | {n_found:,} | {100 * n_found / len(made):.1f} % | {n_wrong:,}"
        f" | {100 * len(right) / max(1, len(said)):.1f} % |",
        flush=True,
    )


def _by_way_of(pair: frozenset[str], made: Pairs, known: Pairs) -> bool:
    """Tell whether a pair is of an edit and a version of what was edited."""
    originals = frozenset(paper_id.removeprefix("edit-") for paper_id in pair)
    return originals in known or originals in made or len(originals) == 1


def _count(paper: Paper) -> int:
    return len(sentences(paper.abstract))


def _but(parts: Sequence[str], left_out: Iterable[int]) -> list[str]:
    return [part for place, part in enumerate(parts) if place not in {*left_out}]


def _with(paper: Paper, parts: Sequence[str]) -> Paper:
    between = "" if paper.language in ("zh", "ja") else " "
    return replace(paper, abstract=between.join(parts))


if __name__ == "__main__":
    main(sys.argv[1:])
