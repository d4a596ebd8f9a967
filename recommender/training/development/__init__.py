"""How good a model is on the development sets, beside lexical baselines. Nothing here is trained on.

Sets are read into tasks (questions), a system (an embedder or a baseline) answers them, and each answer
is worth a figure: a mean with its interval.
"""

from recommender.training.development.figures import Figure, Table, as_markdown, table_as_markdown
from recommender.training.development.measuring import QUICK, ask, measure, read_tasks
from recommender.training.development.sets import SETS

__all__ = [
    "QUICK",
    "SETS",
    "Figure",
    "Table",
    "as_markdown",
    "ask",
    "measure",
    "read_tasks",
    "table_as_markdown",
]
