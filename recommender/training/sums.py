"""The SHA-256 of a model's files, in its card."""

import re
from pathlib import Path

from recommender.embedding.folder import digest, files_of

FILES = """\
## Its files

SHA-256 of every file that decides a vector; `sha256sum --check README.md` compares them:

```
{sums}```
"""
OLD_FILES = re.compile(r"\n## Its files\n.*?(?=\n## |\Z)", re.DOTALL)


def with_sums(card: str, folder: Path) -> str:
    """Return a card that names, in its last section, the files of its folder that decide a vector.

    Raises:
        ModelError: One of them cannot be read.
    """
    sums = "".join(f"{digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in files_of(folder))
    return f"{OLD_FILES.sub('', card).rstrip()}\n\n{FILES.format(sums=sums)}"
