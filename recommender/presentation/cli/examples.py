"""What the help of each command shows as examples. A test runs or reads every one of them."""

from collections.abc import Mapping, Sequence

EXAMPLES: Mapping[str, Sequence[str]] = {
    "similar": (
        "recommend --id 9 --k 5",
        'recommend "产教融合 治理" --lang zh --since 2020',
        "recommend --id 9 --id 16 --unlike 55 --why",
        "recommend - < abstract.txt",
    ),
    "import": ("recommend import papers.ris more.bib.gz", "recommend import export.txt --on-error=report"),
    "harvest": ("recommend harvest https://repository.example/oai --set education",),
    "export": ("recommend export 9 16 --format gbt7714", "recommend export -o papers.ris"),
    "remove": ("recommend remove 360",),
    "show": ("recommend show 9", "recommend show 9 --format bibtex"),
    "library": ("recommend library", "recommend library --plot library.svg"),
    "rebuild": ("recommend rebuild papers.jsonl", "recommend rebuild --model both"),
    "builds": ("recommend builds", "recommend builds --json"),
    "publish": ("recommend publish 20261127T021500Z",),
    "rollback": ("recommend rollback",),
    "verify": ("recommend verify",),
    "prune": ("recommend prune --keep 7",),
    "duplicates": ("recommend duplicates", "recommend duplicates --resubmitted"),
    "new": ("recommend new --since 2026-11-01 --follow 9 --follow 16 --format atom",),
    "evaluate": (
        "recommend evaluate",
        "recommend evaluate pairs.tsv --by length --worst 3",
        "recommend evaluate --against-model both",
    ),
    "train": ("recommend train --name ours",),
    "serve": ("recommend serve", "recommend serve --port 9000 --title 教育研究"),
    "mcp": ("recommend mcp",),
    "map": ("recommend map papers.html", "recommend map papers.png"),
    "doctor": ("recommend doctor",),
}


def epilog(command: str) -> str:
    """Return the examples of a command as the end of its help."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in EXAMPLES[command])])
