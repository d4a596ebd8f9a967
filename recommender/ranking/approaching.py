"""The neighbours of many rows in two steps: a search with little effort, and the neighbours' neighbours.

How little is enough, and whether both steps find what comparing all finds, is measured each time; where they
do not, all rows are searched for.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from recommender.ranking.exam import PLACES, Exam
from recommender.ranking.graph import Graph
from recommender.ranking.nearest import ROUGH, Effort, Ranker
from recommender.ranking.shared_neighbours import Near
from recommender.vectors import Rows
from recommender.workers import THREADS, Workers

LEAST_RECALL = 0.99
ROUGH_RECALL = 0.98  # from which on neighbours' neighbours reach it
WORDS = (0.25, 0.5, 1.0, 2.0)  # times the usual entries of words
ROUNDS = 2  # how often neighbours are asked for theirs at most


def approach(
    ranker: Ranker, k: int, on_progress: Callable[[int, int], None], workers: Workers = THREADS
) -> tuple[Graph | None, float]:
    """Learn who is near whom.

    Args:
        ranker: Of the corpus.
        k: How many neighbours of each row are kept.
        on_progress: Told after each batch how many rows are done.
        workers: Who takes the batches.

    Returns:
        What is known, None: all rows had better be searched for; and the recall of what is then found.
    """
    exam = ranker.exam()
    work = partial(ranker.near, k=k, effort=_little(ranker, exam, k))
    for _ in range(ROUNDS):
        graph = Graph.mutual(_of_all(ranker, work, k, on_progress, workers))
        recall = exam.recall(partial(ranker.ranked, k=PLACES, graph=graph))
        if recall >= LEAST_RECALL:
            return graph, recall
        work = partial(ranker.near, k=k, graph=graph)
    return None, exam.recall(partial(ranker.ranked, k=PLACES))


def _little(ranker: Ranker, exam: Exam, k: int) -> Effort:
    """Return the least effort that finds enough to go on from."""
    if not ranker.asks_words:
        return ROUGH
    efforts = [ROUGH._replace(words=words) for words in WORDS]
    enough = (one for one in efforts if exam.recall(partial(ranker.ranked, k=k, effort=one)) >= ROUGH_RECALL)
    return next(enough, efforts[-1])


def _of_all(
    ranker: Ranker,
    work: Callable[[Rows], Near],
    k: int,
    on_progress: Callable[[int, int], None],
    workers: Workers,
) -> Near:
    """Return the rows near to each (n_rows, k), as they are found of every batch."""
    found, done = np.empty((len(ranker), k), dtype=np.int32), 0
    batches = ranker.batches()
    for rows, near in zip(batches, workers.map(work, batches), strict=True):
        found[rows] = near
        done += len(rows)
        on_progress(done, len(ranker))
    return found
