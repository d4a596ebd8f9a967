"""Write models/SHA256SUMS anew, after a bundled model was trained: `python scripts/sum_models.py`.

The program holds every file of a bundled model against it, as `sha256sum --check SHA256SUMS` does.
"""

from pathlib import Path

from recommender.embedding.folder import SUMS, digest, files_of

MODELS = Path(__file__).resolve().parent.parent / "models"


def lines(models: Path) -> list[str]:
    """Return a line for each file that decides a vector."""
    folders = sorted(folder for folder in models.iterdir() if folder.is_dir())
    return [
        f"{digest(path)}  {path.relative_to(models).as_posix()}\n"
        for one in folders
        for path in files_of(one)
    ]


if __name__ == "__main__":
    (MODELS / SUMS).write_text("".join(lines(MODELS)), encoding="utf-8")
