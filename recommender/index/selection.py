"""Which rows FAISS is to look at, told in a way that costs it next to nothing for each row."""

from typing import Any

import faiss
import numpy as np

from recommender.vectors import Rows


def selector(rows: Rows | range, start: int = 0) -> Any:
    """Return what lets FAISS look at some rows alone, ascending and at least one.

    A stretch of rows costs two comparisons a row, others a bit a row; a hash of them takes longer to fill
    than the search itself.

    Args:
        rows: Which.
        start: The row that FAISS knows as its first.
    """
    if isinstance(rows, range):
        return faiss.IDSelectorRange(rows.start - start, rows.stop - start)
    passes = np.zeros(int(rows[-1]) - start + 1, dtype=bool)
    passes[rows - start] = True
    bits = np.packbits(passes, bitorder="little")
    return faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg,arg-type]  # its stub knows no arrays, which it keeps
