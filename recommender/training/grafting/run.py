"""One grafting run, from a recipe and an English model to a model folder: the stages joined."""

import logging
import random
import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import regex
import torch
from tokenizers import Tokenizer, normalizers

from recommender.builds.files import FileStamp
from recommender.builds.lock import writing
from recommender.embedding import Embedder, find_model, open_embedder
from recommender.embedding.folder import fingerprint
from recommender.errors import RecipeError
from recommender.training.checkpoints import MINUTES_BETWEEN, Checkpoint, identity
from recommender.training.contrastive import OnStep, Table
from recommender.training.grafting.account import account_of
from recommender.training.grafting.distillation import learn
from recommender.training.grafting.lessons import Given, Lesson, Texts, plan_of
from recommender.training.grafting.recipe import Family, GraftRecipe
from recommender.training.grafting.student import Body, Student
from recommender.training.grafting.tokens import Choice, choose, translated_rows, used_by_english
from recommender.training.grafting.wordpieces import Grafted, graft, piece_counts, without_accents
from recommender.training.memory import keep_freed_memory, trim
from recommender.training.normalisation import normaliser, simplified_forms
from recommender.training.pairs import Pairs
from recommender.training.preparation import data_digests, read_clean
from recommender.training.run import report
from recommender.training.sources import Streams, simplified_entries
from recommender.training.stream_names import ANY, FROM_ENGLISH, kind_of, languages_of
from recommender.training.tally import Tally
from recommender.training.teacher import reading
from recommender.training.token_vectors import StaticModel

log = logging.getLogger(__name__)
WORD = regex.compile(r"[a-z]{2,}")
COUNTED = 15_000  # texts of one side of one stream; more do not change which pieces are frequent
FREQUENT = 6  # times that an English word is met; rarer ones are mostly names
MOST_MEMORY = 12_000_000_000  # bytes
SHARED = ("contrastive", "normalisation", "pairs", "checks", "sources", "teacher", "token_vectors")
SPECIAL = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep", "mask")}


def run(
    recipe: GraftRecipe,
    data: Path,
    english: Path,
    folder: Path,
    on_step: OnStep,
    *,
    minutes: float = MINUTES_BETWEEN,
) -> None:
    """Graft the languages of `data` onto an English model, save the result, and write its card.

    A run that was killed is started again with the same arguments, and goes on from its last checkpoint.

    Args:
        recipe: Decides the run, together with the data.
        data: The data folder.
        english: Folder of an uncased English BERT as a SentenceTransformer with mean pooling.
        folder: The model folder to write; checkpoints are kept beside it until the run is over.
        on_step: Called with step, steps, name of the lesson and loss.
        minutes: How often the state is kept.

    Raises:
        UsageError: There is no data, or too much of it is bad.
        RecipeError: There is nothing to learn from.
        LockedError: Another run writes the same model.
    """
    home = folder.parent / f".{folder.name}.training"
    with writing(home / "lock"):
        model, tallies, n_added = learn_languages(recipe, data, english, home, (on_step, minutes))
        save(model, folder)
        account = account_of(recipe, model.tokenizer.vocab_size, n_added)
        report(account, open_embedder(str(folder)), data, folder, tallies)
    shutil.rmtree(home)


def learn_languages(
    recipe: GraftRecipe, data: Path, english: Path, home: Path, hooks: tuple[OnStep, float]
) -> tuple[Any, list[Tally], int]:
    """Return the trained SentenceTransformer, what became of the data, and how many tokens were added."""
    from sentence_transformers import SentenceTransformer

    on_step, minutes = hooks
    model: Any = SentenceTransformer(str(english), device="cpu", local_files_only=True)
    words: Tokenizer = Tokenizer.from_file(str(english / "tokenizer.json"))
    words.no_padding()
    words.no_truncation()
    encoder = model[0].auto_model
    rows = encoder.get_input_embeddings().weight.detach().numpy().astype(np.float32)
    streams, tallies = read_clean(data, recipe)
    aligner = find_model(recipe.aligner, allow_download=False)
    static = StaticModel.read(aligner)
    grafted, choice = make_tokens(streams, data, words, static, recipe)
    matrix = first_matrix(grafted, choice, rows, words, static)
    lessons = lessons_of(streams, grafted.tokenizer, words, (english, home), recipe)
    streams.clear()
    run_identity = identity(
        asdict(recipe), data_digests(data), fingerprint(english), fingerprint(aligner), program_digests()
    )
    if not keep_freed_memory():
        log.warning("this allocator gives freed memory back at once: steps may take three times as long")
    body = Body(encoder)
    teach(
        Student(body, matrix, len(rows)),
        lessons,
        recipe,
        on_step,
        Checkpoint(home, run_identity, minutes=minutes),
    )
    encoder.float()
    body.take_weights()
    install(model, matrix, grafted.tokenizer, recipe.max_seq_length)
    return model, tallies, len(grafted.rows)


def program_digests() -> dict[str, str]:
    """Return the digest of each module that decides the weights."""
    here = Path(__file__).parent
    modules = [*here.glob("*.py"), *(here.parent / f"{name}.py" for name in SHARED)]
    return {path.name: FileStamp.of(path).sha256 for path in sorted(modules)}


def texts_to_count(streams: Streams, seed: int) -> dict[str, list[str]]:
    """Return running text and dictionary words of every language, a sample of each stream."""
    texts: dict[str, list[str]] = {}
    for name, pairs in sorted(streams.items()):
        left, right = languages_of(name)
        if kind_of(name) == "word":  # the English side of a dictionary is glosses
            left = ANY
        for language, side in ((left, pairs.left), (right, pairs.right)):
            if language != ANY:
                texts.setdefault(language, []).extend(_sample(side, COUNTED, seed))
    return texts


def _sample(texts: list[str], size: int, seed: int) -> list[str]:
    return texts if len(texts) <= size else random.Random(seed).sample(texts, size)  # noqa: S311


def make_tokens(
    streams: Streams, data: Path, english: Tokenizer, static: StaticModel, recipe: GraftRecipe
) -> tuple[Grafted, Choice]:
    """Choose the added tokens and build the tokenizer that has them."""
    texts = texts_to_count(streams, recipe.seed)
    counts = {language: piece_counts(lines, static.tokenizer) for language, lines in texts.items()}
    choice = choose(counts, english.get_vocab(), recipe.quotas)
    folding = uncased(data)
    words = english_words(streams)
    while True:  # without a piece, a word may be cut into another added one
        grafted = graft(english, choice.in_order(), folding)
        unwanted = used_by_english(words, grafted.tokenizer, english.get_vocab_size())
        if not unwanted:
            return grafted, choice
        log.info("%d pieces dropped that English uses", len(unwanted))
        choice.drop(unwanted)


def english_words(streams: Streams) -> list[str]:
    """Return the words that English texts hold more than a few times."""
    counts = Counter[str]()
    for name, pairs in streams.items():
        if kind_of(name) in {"word", "term"}:
            continue
        for language, texts in zip(languages_of(name), (pairs.left, pairs.right), strict=True):
            if language == "en":
                for text in texts:
                    counts.update(WORD.findall(text.lower()))
    return sorted(word for word, count in counts.items() if count >= FREQUENT)


def uncased(data: Path) -> normalizers.Normalizer:
    """Return the static model's normaliser that also takes the accents of Latin letters away."""
    return normaliser(simplified_forms(simplified_entries(data)), without_accents)


def first_matrix(
    grafted: Grafted, choice: Choice, english: Table, words: Tokenizer, static: StaticModel
) -> Table:
    """Return the embedding matrix to begin with: English rows as they are, new ones translated."""
    known, pieces = static.tokenizer.get_vocab(), words.get_vocab()
    unit = static.vectors / np.maximum(np.linalg.norm(static.vectors, axis=1, keepdims=True), 1e-9)
    own = sorted(word for word in pieces if WORD.fullmatch(word) and word in known)
    rows = english[[pieces[word] for word in own]]
    sources = [choice.sources.get(piece) for piece in grafted.rows]
    found = np.array([source in known for source in sources])
    new = np.tile(rows.mean(axis=0), (len(sources), 1)).astype(np.float32)  # of the marks, which mean nothing
    tokens = unit[[known[source] for source in sources if source in known]]
    new[found] = translated_rows(tokens, unit[[known[word] for word in own]], rows)
    return np.concatenate([english, new])


def lessons_of(
    streams: Streams, tokenizer: Tokenizer, english: Tokenizer, taught: tuple[Path, Path], recipe: GraftRecipe
) -> dict[str, Lesson]:
    """Sample and tokenise what is learnt from; English texts are read by the teacher, once each.

    Args:
        streams: Clean pairs.
        tokenizer: Of the student.
        english: Tokenizer of the teacher.
        taught: The folder of the teacher, and that in which its vectors are kept.
        recipe: How much is learnt from.
    """
    lessons: dict[str, Lesson] = {}
    with reading(*taught) as teacher:
        for name, pairs in sorted(streams.items()):
            family = recipe.stream_of(name)
            if family is None:
                continue
            chosen = _sampled(pairs, family.pairs, recipe.seed)
            left, right = chosen.left, chosen.right
            if kind_of(name) in FROM_ENGLISH:
                left, right = right, left
            learnt = Texts.of(left, tokenizer, family.max_tokens)
            if "en" in languages_of(name):
                heads = begun(right, english, recipe.max_english)
                kept = _sample(sorted({*heads}), recipe.kept, recipe.seed)
                held = Texts.of(kept, tokenizer, recipe.max_english + 2)
                lessons[f"{name} kept"] = lesson_of(held, given(kept, teacher), family)
            if set(languages_of(name)) > {"en"}:
                lessons[name] = lesson_of(learnt, given(heads, teacher), family)
            else:
                lessons[name] = lesson_of(learnt, Texts.of(right, tokenizer, family.max_tokens), family)
            log.info("%s: %d pairs to learn from", name, len(chosen))
    return lessons


def lesson_of(left: Texts, right: Texts | Given, family: Family) -> Lesson:
    """Return a lesson that is given in the family's part of the run."""
    return Lesson(left, right, family.passes, family.begin, family.end)


def begun(texts: list[str], tokenizer: Tokenizer, max_tokens: int) -> list[str]:
    """Return what is before the token `max_tokens` of each text."""
    cut = []
    for start in range(0, len(texts), COUNTED):
        part = texts[start : start + COUNTED]
        for text, encoding in zip(part, tokenizer.encode_batch(part, add_special_tokens=False), strict=True):
            offsets = encoding.offsets
            cut.append(text[: offsets[max_tokens][0]] if len(offsets) > max_tokens else text)
    return cut


def given(texts: list[str], teacher: Embedder) -> Given:
    """Return texts by the teacher's vectors."""
    unique = sorted({*texts})
    row_of = {text: row for row, text in enumerate(unique)}
    rows = np.array([row_of[text] for text in texts], dtype=np.int64)
    return Given(teacher.encode(unique).astype(np.float16), rows)


def _sampled(pairs: Pairs, size: int, seed: int) -> Pairs:
    if len(pairs) <= size:
        return pairs
    rows = random.Random(seed).sample(range(len(pairs)), size)  # noqa: S311
    return Pairs([pairs.left[row] for row in rows], [pairs.right[row] for row in rows])


def teach(
    student: Student,
    lessons: Mapping[str, Lesson],
    recipe: GraftRecipe,
    on_step: OnStep,
    checkpoint: Checkpoint,
) -> None:
    """Move the student until the lessons are over; a run that was killed goes on where it was."""
    plan = plan_of(lessons, recipe, np.random.default_rng(recipe.seed))
    if not plan:
        raise RecipeError(f"no family of the recipe {recipe.name!r} has pairs enough for one batch")
    done = student.resume(checkpoint)
    for step, (name, batch) in enumerate(plan):
        if step >= done:
            loss = learn(student, lessons[name], batch, recipe, (step, len(plan)))
            on_step(step + 1, len(plan), name, loss)
            trim(MOST_MEMORY)
            checkpoint.keep(step + 1, student.state(), is_last=step + 1 == len(plan))


def install(model: Any, matrix: Table, tokenizer: Tokenizer, max_seq_length: int) -> None:
    """Give a SentenceTransformer other tokens."""
    from transformers import PreTrainedTokenizerFast

    encoder = model[0].auto_model
    encoder.resize_token_embeddings(len(matrix), mean_resizing=False)
    with torch.no_grad():
        encoder.get_input_embeddings().weight.copy_(torch.from_numpy(matrix))
    fast: Any = PreTrainedTokenizerFast
    model[0].processor = fast(tokenizer_object=tokenizer, **SPECIAL)
    model.max_seq_length = max_seq_length


def save(model: Any, folder: Path) -> None:
    """Write a model, in half precision, as a folder that `SentenceTransformer(folder)` loads."""
    model.half().save(str(folder), create_model_card=False)
    tokenizer = folder / "tokenizer.json"
    Tokenizer.from_file(str(tokenizer)).save(str(tokenizer), pretty=False)  # a third of the size
