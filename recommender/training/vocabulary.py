"""The tokens of the embedded model: whole words of every language over a bed of sub-words.

A static model knows a text only by its tokens, so a token should be a notion: Han words and pairs of
words, the frequent words of each language, and sub-words and bytes for what is rarer. All of them sit
in one Unigram model with log-frequencies as scores (Kudo 2018, arXiv:1804.10959).
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise

import regex
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer

from recommender.training.recipe import VocabularySizes

WORD = regex.compile(r"[\p{L}\p{M}]+")
HAN = regex.compile(r"\p{Han}+")
HAN_OR_KANA = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
NOT_A_WORD = Regex(r"[^\p{L}\p{M}\p{N}]+")
UNKNOWN = "<unk>"
LONGEST_HAN_WORD = 8
CHUNK = 20_000

Scores = dict[str, float]
Corpus = Iterable[str]


def splitter() -> pre_tokenizers.PreTokenizer:
    """Return what cuts a text before the vocabulary is consulted: all but letters, marks, numbers goes."""
    return pre_tokenizers.Split(NOT_A_WORD, behavior="removed")


def tokenizer_of(scores: Scores, normalise: normalizers.Normalizer) -> Tokenizer:
    """Return a Unigram tokenizer; what no token covers falls back to its UTF-8 bytes."""
    floor = min(scores.values()) - 4
    bytes_ = [(f"<0x{byte:02X}>", floor) for byte in range(256)]
    tokens = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    model = Unigram([(UNKNOWN, floor - 4), *bytes_, *tokens], unk_id=0, byte_fallback=True)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalise
    tokenizer.pre_tokenizer = splitter()
    return tokenizer


def build_scores(
    texts: dict[str, list[str]],
    dictionary: dict[str, list[str]],
    normalise: Callable[[str], str],
    sizes: VocabularySizes,
) -> Scores:
    """Choose the tokens and their log-frequencies.

    Args:
        texts: Running text by language.
        dictionary: Head words by language; for languages without spaces they say what a word is.
        normalise: The tokenizer's normalisation of one text.
        sizes: How many of each kind to take.
    """
    scores: Scores = {}
    plain = {language: list(map(normalise, lines)) for language, lines in texts.items()}
    heads = {
        language: {word for line in lines for word in WORD.findall(normalise(line))}
        for language, lines in dictionary.items()
    }
    for language in sorted(set(plain) | set(heads)):
        lines, words = plain.get(language, []), heads.get(language, set())
        if language == "en":
            _merge(scores, _spaced_words(lines, words, sizes.english_words))
        elif language == "zh":
            _merge(scores, _unspaced_words(lines, words, sizes.han_words, sizes.han_pairs))
        elif language == "ja":
            _merge(scores, _unspaced_words(lines, words, sizes.words_of(language), pairs=0))
        else:
            counts = _word_counts(lines, words)
            _merge(scores, _log_frequencies(counts, sizes.words_of(language)))
            _merge(scores, _pieces(counts, sizes.pieces_of(language)))
    english = _word_counts(plain.get("en", []), heads.get("en", set()))
    _merge(scores, {k: v - 2 for k, v in _pieces(english, sizes.subwords).items()})
    floor = min(scores.values()) - 2
    characters = Counter(c for lines in plain.values() for line in lines for c in line if WORD.match(c))
    common = {character for character, count in characters.items() if count >= 3}
    digits = {*"0123456789"}
    _merge(scores, dict.fromkeys(common | digits, floor))
    return scores


def within(scores: Scores, total: int) -> Scores:
    """Return the `total` most frequent tokens; single characters stay, whatever they are."""
    rarest = sorted((token for token in scores if len(token) > 1), key=lambda token: (scores[token], token))
    dropped = {*rarest[: max(0, len(scores) - total)]}
    return {token: score for token, score in scores.items() if token not in dropped}


def _merge(scores: Scores, more: Scores) -> None:
    for token, score in more.items():
        scores[token] = max(score, scores.get(token, -math.inf))


def _log_frequencies(counts: Counter[str], size: int) -> Scores:
    total = counts.total()
    return {token: math.log(count / total) for token, count in counts.most_common(size)}


def _spaced_words(lines: Corpus, words: set[str], size: int) -> Scores:
    """Return the most frequent words; a dictionary word counts once more than its text says."""
    return _log_frequencies(_word_counts(lines, words), size)


def _word_counts(lines: Corpus, words: set[str]) -> Counter[str]:
    counts = Counter(word for line in lines for word in WORD.findall(line) if not HAN_OR_KANA.search(word))
    counts.update(word for word in words if not HAN_OR_KANA.search(word))
    return counts


def _unspaced_words(lines: Corpus, words: set[str], size: int, pairs: int) -> Scores:
    """Segment text by a dictionary, count, and add the most frequent pairs of neighbouring words."""
    lines = list(lines)
    words = {word for word in words if 1 < len(word) <= LONGEST_HAN_WORD and HAN_OR_KANA.search(word)}
    characters = {c for line in lines for c in line if HAN_OR_KANA.match(c)} | {
        c for word in words for c in word
    }
    counts = _segmented(lines, dict.fromkeys(characters, -11.0) | dict.fromkeys(words, -12.0), pairs=False)
    counts.update(words)
    scores = _log_frequencies(counts, size) | {
        c: math.log((counts[c] + 1) / counts.total()) for c in characters
    }
    if pairs:
        scores |= _log_frequencies_of(_segmented(lines, scores, pairs=True), counts.total(), pairs)
    return scores


def _log_frequencies_of(counts: Counter[str], total: int, size: int) -> Scores:
    return {token: math.log(count / total) for token, count in counts.most_common(size)}


def _segmented(lines: list[str], scores: Scores, *, pairs: bool) -> Counter[str]:
    """Count the words (or the joined neighbouring words) of the best segmentation of every line."""
    segmenter = Tokenizer(Unigram([(UNKNOWN, -30.0), *scores.items()], unk_id=0))
    segmenter.pre_tokenizer = splitter()
    counts: Counter[str] = Counter()
    for start in range(0, len(lines), CHUNK):
        for encoding in segmenter.encode_batch(lines[start : start + CHUNK]):
            if not pairs:
                counts.update(encoding.tokens)
                continue
            spans = zip(encoding.tokens, encoding.offsets, strict=True)
            for (first, (_, end)), (second, (begin, _)) in pairwise(spans):
                if end == begin and len(first) > 1 and len(second) > 1 and HAN.fullmatch(first + second):
                    counts[first + second] += 1
    counts.pop(UNKNOWN, None)
    return counts


def _pieces(counts: Counter[str], size: int) -> Scores:
    """Learn frequent words and pieces of the rest; the square root keeps rare forms in sight."""
    trainer = UnigramTrainer(
        vocab_size=size, unk_token=UNKNOWN, special_tokens=[UNKNOWN], show_progress=False
    )
    learner = Tokenizer(Unigram())
    learner.train_from_iterator(
        (word for word, count in sorted(counts.items()) for _ in range(math.isqrt(count))), trainer
    )
    entries = json.loads(learner.to_str())["model"]["vocab"]
    return {token: score for token, score in entries if token != UNKNOWN}
