"""The words of a corpus turned: as a build reads them of its index."""

import numpy as np

from recommender.lexical import TermMatrix
from recommender.lexical.sparse import SparseRows


def lists_of(matrix: TermMatrix) -> SparseRows:
    """Return the rows of each term of a matrix (n_terms, n_rows), as `read_lists` does."""
    columns = matrix.weights[np.arange(len(matrix))].tocsc()
    return SparseRows(
        columns.indptr.astype(np.int64), columns.indices, columns.data.astype(np.float16), len(matrix)
    )
