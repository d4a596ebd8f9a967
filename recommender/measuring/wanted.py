"""What shall be measured, and which files shall be written."""

from dataclasses import dataclass
from pathlib import Path

from recommender.evaluation.judgements import Qrels, Run, write_qrels
from recommender.evaluation.report import DEFAULT, Conditions
from recommender.evaluation.trec import write_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be measured, and beside what.

    Attributes:
        pairs: A file of judgements; None: the bundled sample's, if the build holds the sample.
        build_id: The build; None: the current one.
        run: A TREC run over the papers of the build, to be judged in place of the build's own answers.
        conditions: What the numbers depend on besides the data.
        against: Ids of builds to compare with.
        against_models: Models to compare with: the same papers are rebuilt with each, and thrown away.
        n_worst: How many of the worst queries to tell.
        write_run, write_qrels: Files to write the answers and the judgements to.
    """

    pairs: Path | None = None
    build_id: str | None = None
    run: Path | None = None
    conditions: Conditions = DEFAULT
    against: tuple[str, ...] = ()
    against_models: tuple[str, ...] = ()
    n_worst: int = 0
    write_run: Path | None = None
    write_qrels: Path | None = None


def write(wanted: Wanted, qrels: Qrels, run: Run) -> None:
    """Write the files that are wanted.

    Raises:
        UsageError: One cannot be written.
    """
    if wanted.write_run:
        write_run(run, wanted.write_run)
    if wanted.write_qrels:
        write_qrels(qrels, wanted.write_qrels)
