"""Write `data/known_similar_pairs.tsv` from how the sample corpus was written.

The design file says of every paper which field and narrow topic it was written for, and of which work it
is a version. No model has a say in it: 3 same work, 2 same narrow topic, 1 same field. Decoys, written
to share words with a topic that they do not belong to, are in no pair.
"""

import csv
from itertools import combinations
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"


def grade(one: dict[str, str], other: dict[str, str]) -> int:
    """Return how alike two papers were meant to be: 0 to 3."""
    if "decoy" in (one["role"], other["role"]):
        return 0
    levels = ("work", 3), ("topic", 2), ("field", 1)
    return next((value for name, value in levels if one[name] == other[name]), 0)


def main() -> None:
    """Read the design, write the pairs."""
    with (DATA / "sample_design.tsv").open(encoding="utf-8", newline="") as file:
        papers = list(csv.DictReader(file, delimiter="\t"))
    with (DATA / "known_similar_pairs.tsv").open("w", encoding="utf-8", newline="\n") as file:
        file.write("id_a\tid_b\tgrade\n")
        for one, other in combinations(papers, 2):
            if value := grade(one, other):
                file.write(f"{one['id']}\t{other['id']}\t{value}\n")


if __name__ == "__main__":
    main()
