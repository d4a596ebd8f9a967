"""Write the SHA-256 of the bundled models anew, after one was trained: `python scripts/sum_models.py`.

They stand in models/SHA256SUMS, against which the program holds every file of a bundled model, as
`sha256sum --check SHA256SUMS` does, and in the last section of each model's card.
"""

from pathlib import Path

from recommender.embedding.folder import SUMS, digest, files_of
from recommender.training.sums import with_sums

MODELS = Path(__file__).resolve().parent.parent / "models"


def folders(models: Path) -> list[Path]:
    """Return the folders of the models, in order."""
    return sorted(folder for folder in models.iterdir() if folder.is_dir())


def lines(models: Path) -> list[str]:
    """Return a line for each file that decides a vector."""
    return [
        f"{digest(path)}  {path.relative_to(models).as_posix()}\n"
        for one in folders(models)
        for path in files_of(one)
    ]


def write(models: Path) -> None:
    """Write the sums of all models into their common file, and those of each into its card."""
    (models / SUMS).write_text("".join(lines(models)), encoding="utf-8")
    for folder in folders(models):
        card = folder / "README.md"
        card.write_text(with_sums(card.read_text(encoding="utf-8"), folder), encoding="utf-8")


if __name__ == "__main__":
    write(MODELS)
