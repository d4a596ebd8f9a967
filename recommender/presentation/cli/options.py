"""Every option of the command line, written once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recommender.writers import WRITERS

TABLE = "table"  # for people, and the default; all others are writers


class OnError(StrEnum):
    """What happens to a record that is no paper."""

    stop = "stop"
    report = "report"


class OnDamage(StrEnum):
    """What happens when the current build is damaged."""

    refuse = "refuse"
    previous = "previous"


class Split(StrEnum):
    """What recall is split by."""

    language = "language"
    length = "length"
    subject = "subject"


Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        parser=lambda name: Path(name) if name else None,  # an empty one is none, as in the environment
        metavar="PATH",
        help="Folder of library and builds [env: RECOMMENDER_HOME].",
        show_default=False,
    ),
]
K = Annotated[int, typer.Option("--k", "-k", min=1, help="How many papers to recommend.")]
MinSimilarity = Annotated[
    float,
    typer.Option(
        "--min-similarity",
        help="Leave out less similar papers: 0.99 asks for more than 99 in 100 random pairs have.",
        show_default=False,
    ),
]
Ids = Annotated[
    list[str] | None,
    typer.Option("--id", help="Recommend papers similar to the one with this id; several: a reading list."),
]
Damage = Annotated[
    OnDamage,
    typer.Option("--on-damage", help="A damaged build: refuse, or answer from the one published before."),
]
Recover = Annotated[
    bool, typer.Option("--recover", help="Save what can be saved of a damaged library, and list the rest.")
]
Why = Annotated[bool, typer.Option("--why", help="Say why each paper is similar.")]
Like = Annotated[
    list[str] | None, typer.Option("--like", metavar="ID", help="As --id, beside a text as well.")
]
Unlike = Annotated[
    list[str] | None, typer.Option("--unlike", metavar="ID", help="Papers like this one fall back.")
]
Diversity = Annotated[
    float,
    typer.Option(
        "--diversity", help="From 0 to below 1: not so many that are like each other.", show_default=False
    ),
]
HalfLife = Annotated[
    float | None,
    typer.Option(
        "--half-life", metavar="YEARS", help="Years in which a score falls to a half.", show_default=False
    ),
]
Since = Annotated[
    int | None, typer.Option("--since", metavar="YEAR", help="Not published before.", show_default=False)
]
Until = Annotated[
    int | None, typer.Option("--until", metavar="YEAR", help="Not published after.", show_default=False)
]
Venues = Annotated[list[str] | None, typer.Option("--venue", metavar="NAME", help="Of this journal.")]
Authors = Annotated[list[str] | None, typer.Option("--author", metavar="NAME", help="By this author.")]
Subjects = Annotated[list[str] | None, typer.Option("--subject", metavar="NAME", help="Of this subject.")]
Languages = Annotated[
    list[str] | None,
    typer.Option("--language", "--lang", metavar="CODE", help="In this language: zh, en, …; any: in all."),
]
Exclude = Annotated[list[str] | None, typer.Option("--exclude", metavar="ID", help="Leave this paper out.")]
Text = Annotated[
    list[str] | None,
    typer.Argument(
        help="Words, names of authors, or an abstract; - reads it from standard input.", show_default=False
    ),
]


def _format(name: str) -> str:
    if name not in FORMATS:
        raise typer.BadParameter(f"there is no format {name!r}; choose one of: {', '.join(FORMATS)}")
    return name


FORMATS = (TABLE, *(writer.name for writer in WRITERS))
Format = Annotated[
    str,
    typer.Option(
        "--format",
        parser=_format,
        metavar="|".join(FORMATS),
        autocompletion=lambda: [*FORMATS],
        help="How to write it.",
    ),
]
ExportFormat = Annotated[
    str | None,
    typer.Option(
        "--format",
        parser=_format,
        metavar="|".join(FORMATS[1:]),
        autocompletion=lambda: [*FORMATS[1:]],
        help="How to write them; none: as the name of the file ends, else jsonl.",
        show_default=False,
    ),
]
OutputFile = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="File to write; none: standard output.", show_default=False
    ),
]
ExportedIds = Annotated[
    list[str] | None,
    typer.Argument(metavar="IDS", help="Ids of papers; none: the whole library.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Short for --format json.")]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="Bundled name, folder or hub name of a SentenceTransformer [env: RECOMMENDER_MODEL; default:"
        " that of the current build, else fast].",
        show_default=False,
    ),
]
QueryModel = Annotated[
    str | None,
    typer.Option("--model", help="Model to read the text with; must be the build's own.", show_default=False),
]
AllowDownload = Annotated[bool, typer.Option("--allow-download", help="Fetch the model if it is not here.")]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine",
        help="faiss, flat or milvus"
        " [env: RECOMMENDER_ENGINE; default: that of the current build, else faiss].",
        show_default=False,
    ),
]
Recall = Annotated[
    float | None,
    typer.Option(
        "--recall",
        help="Share of the ten nearest vectors to find where many are searched; 1: compare all"
        " [env: RECOMMENDER_RECALL; default: that of the current build, else 0.99].",
        show_default=False,
    ),
]
Memory = Annotated[
    float | None,
    typer.Option(
        "--memory",
        help="Gigabytes that the rebuild may take [env: RECOMMENDER_MEMORY; default: what is free].",
        show_default=False,
    ),
]
Workers = Annotated[
    str | None,
    typer.Option(
        "--workers",
        metavar="local|ray|ray://HOST:10001",
        help="Share the work by Ray: all cores here, the cluster this machine is in, another"
        " [env: RECOMMENDER_WORKERS].",
        show_default=False,
    ),
]
Files = Annotated[
    list[Path], typer.Argument(help="Files of papers; see README for the formats.", show_default=False)
]
OptionalFiles = Annotated[
    list[Path] | None,
    typer.Argument(help="Files to import first; none: the library as it is.", show_default=False),
]
Errors = Annotated[OnError, typer.Option("--on-error", help="Bad records: stop, or report and go on.")]
Replace = Annotated[
    bool, typer.Option("--replace", help="Remove papers that are in none of the files from the library.")
]
Reader = Annotated[
    str | None,
    typer.Option("--reader", help="Format of the files, if it is not recognised.", show_default=False),
]
BuildId = Annotated[str, typer.Argument(help="Id of a build; see: recommend builds.", show_default=False)]
OptionalBuildId = Annotated[
    str | None, typer.Argument(help="Id of a build; none: the current one.", show_default=False)
]
Pairs = Annotated[
    Path | None,
    typer.Argument(help="Known-similar pairs, TSV or TREC qrels; none: the sample's.", show_default=False),
]
EvaluatedBuild = Annotated[
    str | None,
    typer.Option(
        "--build",
        metavar="BUILD",
        help="Build to evaluate; none: the current one, for --gate the newest.",
        show_default=False,
    ),
]
Gate = Annotated[
    bool,
    typer.Option(
        "--gate", help="Exit 5 unless this build may replace the current one; the build keeps the verdict."
    ),
]
RelevantFrom = Annotated[
    int | None, typer.Option("--relevant-from", min=1, help="Lowest grade that counts.", show_default=False)
]
By = Annotated[
    list[Split] | None,
    typer.Option("--by", help="Split recall in the table by this; several.  [default: language]"),
]
Against = Annotated[
    list[str] | None,
    typer.Option("--against", metavar="BUILD", help="Compare with another build, query by query."),
]
AgainstModel = Annotated[
    list[str] | None,
    typer.Option("--against-model", metavar="MODEL", help="As --against: the same papers with this model."),
]
Worst = Annotated[
    int, typer.Option("--worst", metavar="N", min=0, help="Show the N queries with the lowest nDCG.")
]
RunFile = Annotated[
    Path | None,
    typer.Option("--run", metavar="FILE", help="Judge this TREC run instead of a build's answers."),
]
WriteRun = Annotated[
    Path | None, typer.Option("--write-run", metavar="FILE", help="Write the answers as a TREC run.")
]
WriteQrels = Annotated[
    Path | None, typer.Option("--write-qrels", metavar="FILE", help="Write the judgements as TREC qrels.")
]
Plot = Annotated[
    Path | None,
    typer.Option("--plot", metavar="FILE", help="Draw it too: a .png or .svg.", show_default=False),
]
Beir = Annotated[
    Path | None,
    typer.Option(
        "--beir",
        metavar="FOLDER",
        help="Measure a public collection: a folder with corpus.jsonl, queries.jsonl, qrels/test.tsv.",
    ),
]
BeirSplit = Annotated[str, typer.Option("--split", metavar="NAME", help="Of the collection: qrels/NAME.tsv.")]
CollectionModel = Annotated[
    str | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="Model for --beir [env: RECOMMENDER_MODEL].",
        show_default=False,
    ),
]
