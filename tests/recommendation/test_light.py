"""Asking by id is a look-up: nothing heavy is imported for it."""

import json
import subprocess
import sys

import pytest

from recommender.paper import Paper

HEAVY = {
    "numpy",
    "faiss",
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "sentence_transformers",
    "sklearn",
}
ASK = """
import json
import sys
from pathlib import Path

from recommender.builds import BuildStore
from recommender.recommendation import Recommender


def never():
    raise AssertionError("the model was opened")


recommender = Recommender(BuildStore(Path(sys.argv[1])).current(), never)
answer = recommender.similar_to("1", k=2)
loaded = {name.partition(".")[0] for name in sys.modules}
print(json.dumps([[result.paper.id for result in answer.results], sorted(loaded)]))
"""


@pytest.fixture
def loaded(publish, store):
    publish([Paper(id="1", title="aab"), Paper(id="2", title="bbb"), Paper(id="3", title="abb")])
    run = subprocess.run([sys.executable, "-c", ASK, store.root], capture_output=True, text=True, check=True)
    answer, modules = json.loads(run.stdout)
    assert answer == ["3", "2"]
    return set(modules)


def test_an_answer_by_id_imports_neither_arrays_nor_an_engine_nor_a_model(loaded):
    assert not loaded & HEAVY
