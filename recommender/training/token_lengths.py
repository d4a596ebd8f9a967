"""How long the token vectors of a trained model are: what a token counts in the mean of a text.

The length grows with how often a token is met in training. Scripts of which there is little to learn from
stay short, so that numbers and foreign names outweigh the words of their texts, and a few words of much
used fields grow long. Neither is meant, so lengths are evened when all is learnt.
"""

from collections.abc import Sequence

import numpy as np
import regex
from numpy.typing import NDArray

from recommender.training.infonce import Table
from recommender.training.recipe import Lengths

USUAL_SCRIPT = "Latin"


def evened(table: Table, tokens: Sequence[str], lengths: Lengths) -> Table:
    """Return token vectors (n_tokens, dim) of the same directions and other lengths.

    Args:
        table: The vectors.
        tokens: Their tokens, in the same order.
        lengths: What is done to them.
    """
    found = np.linalg.norm(table, axis=1)
    wanted = found.astype(np.float64)
    usual = np.median(wanted[_of_script(tokens, USUAL_SCRIPT)]) if lengths.scripts else 1.0
    for script in lengths.scripts:
        here = _of_script(tokens, script)
        if (own := np.median(wanted[here]) if here.any() else 0.0) > 0:
            wanted[here] *= usual / own
    wanted **= lengths.power
    factors = np.divide(wanted, found, out=np.ones_like(wanted), where=found > 0)
    return np.asarray(table * factors[:, None], dtype=np.float32)


def _of_script(tokens: Sequence[str], script: str) -> NDArray[np.bool_]:
    """Tell which tokens begin, after signs and digits, with a letter of a script (n_tokens,)."""
    letter = regex.compile(rf"[^\p{{L}}]*\p{{Script={script}}}")
    return np.array([letter.match(token) is not None for token in tokens], dtype=np.bool_)
