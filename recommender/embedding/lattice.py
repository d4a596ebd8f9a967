"""The Unigram model for many words at once: the paths through all of them side by side, in NumPy.

The same sums in the same order as in `Unigram`, so the same tokens. Faster than `tokenizers`, which waits
for the memory node by node, where this asks for thousands of nodes at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommender.embedding.unigram import TOKEN, Unigram

Integers = NDArray[np.int64]

BITS = 21  # of a character, and of a node
LOW = (1 << BITS) - 1
MOST_CHARACTERS = LOW  # of all tokens together; no trie has more nodes
FREE = -1  # a slot without edge, a node without token
UNKNOWN = -1  # a piece that no token covers: the last of the scores
SLOTS_PER_EDGE = 3
FIBONACCI = np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hashing
CHARACTERS_AT_ONCE = 50_000  # their lattice stays within some megabytes


class Trie:
    """All beginnings of all tokens: node 0 is the empty one, edges are in one hash table."""

    def __init__(self, tokens: Mapping[str, int]) -> None:
        """Enter each token with its number; the empty token is left out.

        Args:
            tokens: Of less than `MOST_CHARACTERS` in all.
        """
        lengths, characters = _spelled([*tokens])
        starts = np.cumsum(lengths) - lengths
        nodes = np.zeros(len(lengths), dtype=np.int64)
        edges: list[Integers] = []
        size, depth = 1, 0
        longer = np.flatnonzero(lengths)
        entered = longer
        while len(longer):
            asked = nodes[longer] << BITS | characters[starts[longer] + depth]
            distinct, places = np.unique(asked, return_inverse=True)
            edges.append(distinct)
            nodes[longer] = size + places
            size, depth = size + len(distinct), depth + 1
            longer = longer[lengths[longer] > depth]
        self.numbers = np.full(size, FREE, dtype=np.int64)  # of the token that ends in a node
        self.numbers[nodes[entered]] = np.fromiter(tokens.values(), np.int64, len(tokens))[entered]
        self._hash(np.concatenate(edges) if edges else np.zeros(0, dtype=np.int64))

    def step(self, nodes: Integers, characters: Integers) -> Integers:
        """Return the node that a character leads to from each node, 0 where no token goes on so."""
        asked = nodes << BITS | characters
        slots = self._slots(asked)
        found = self._table[slots]
        is_other = found >> BITS != asked
        reached = np.where(is_other, 0, found & LOW)
        searching = np.flatnonzero(is_other & (found != FREE))
        while len(searching):
            slots[searching] = (slots[searching] + 1) & self._last_slot
            found = self._table[slots[searching]]
            is_other = found >> BITS != asked[searching]
            reached[searching] = np.where(is_other, 0, found & LOW)
            searching = searching[is_other & (found != FREE)]
        return reached

    def _hash(self, edges: Integers) -> None:
        """Lay out the table of (node, character, next node); an occupied slot sends on to the next one."""
        bits = max(1, (SLOTS_PER_EDGE * len(edges)).bit_length())
        self._shift, self._last_slot = np.uint64(64 - bits), (1 << bits) - 1
        self._table = np.full(1 << bits, FREE, dtype=np.int64)
        entries = edges << BITS | np.arange(1, len(edges) + 1)
        slots, waiting = self._slots(edges), np.arange(len(edges))
        while len(waiting):
            wanted = slots[waiting]
            is_free = self._table[wanted] == FREE
            self._table[wanted[is_free]] = entries[waiting[is_free]]  # of several, the last one gets it
            waiting = waiting[self._table[wanted] != entries[waiting]]
            slots[waiting] = (slots[waiting] + 1) & self._last_slot

    def _slots(self, edges: Integers) -> Integers:
        hashed: NDArray[np.uint64] = edges.view(np.uint64) * FIBONACCI >> self._shift
        return hashed.view(np.int64)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Words written one after the other; each owns one cell more than it has characters."""

    characters: Integers
    offsets: Integers  # of each character in its word
    left: Integers  # characters from each one to the end of its word
    cells: Integers  # before each character
    first_cells: Integers  # of each word
    last_cells: Integers

    @classmethod
    def of(cls, words: Sequence[str]) -> Self:
        lengths, characters = _spelled(words)
        ends = np.cumsum(lengths)
        word = np.repeat(np.arange(len(words)), lengths)
        offsets = np.arange(len(characters)) - (ends - lengths)[word]
        first_cells = ends - lengths + np.arange(len(words))
        return cls(
            characters=characters,
            offsets=offsets,
            left=lengths[word] - offsets,
            cells=np.arange(len(characters)) + word,
            first_cells=first_cells,
            last_cells=first_cells + lengths,
        )


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The parts of the words that may be tokens, by their offset in the word."""

    before: Integers  # the cell where each one begins
    after: Integers
    numbers: Integers  # of the tokens
    cuts: list[int]  # between one offset and the next


class Lattice:
    """Segments words as a `Unigram` does. Safe to share between threads."""

    def __init__(self, model: Unigram) -> None:
        """Prepare for `model`, whose tokens have less than `MOST_CHARACTERS` in all."""
        self._model = model
        self._trie = Trie(model.numbers)
        self._scores = np.array([*model.scores(), model.unknown_score])  # the last one: of the unknown

    def tokens(self, words: Sequence[str]) -> list[bytes]:
        """Return the token numbers of each word, as the bytes of `unigram.Tokens`.

        Bytes, since they are joined at once, and garbage collection passes them by.

        Args:
            words: None empty, none of more than 65,535 characters.
        """
        return [tokens for part in _parts(words) for tokens in self._tokens(part)]

    def _tokens(self, words: Sequence[str]) -> list[bytes]:
        sheet = _Sheet.of(words)
        came_from, numbers = self._search(sheet)
        on_path = _on_path(sheet, came_from)
        tokens = numbers[on_path].astype(TOKEN).tobytes()
        cuts = np.searchsorted(np.flatnonzero(on_path), sheet.last_cells, side="right") * TOKEN.itemsize
        segmented = [tokens[start:end] for start, end in pairwise([0, *cuts.tolist()])]
        unknown = np.flatnonzero(on_path & (numbers == UNKNOWN))
        for row in np.unique(np.searchsorted(sheet.last_cells, unknown)).tolist():
            whole = self._model.tokens(words[row])  # it knows what else to read there
            segmented[row] = np.fromiter(whole, TOKEN).tobytes()
        return segmented

    def _search(self, sheet: _Sheet) -> tuple[Integers, Integers]:
        """Return for each cell where its best path comes from, and by which token."""
        pieces = self._pieces(sheet)
        sums = np.full(len(sheet.characters) + len(sheet.first_cells), -np.inf)
        sums[sheet.first_cells] = 0.0
        came_from = np.zeros(len(sums), dtype=np.int64)
        numbers = np.full(len(sums), UNKNOWN)
        scores = self._scores[pieces.numbers]
        # Two pieces of one offset never end in one cell, so all words take this step together.
        for start, end in pairwise(pieces.cuts):
            before, after = pieces.before[start:end], pieces.after[start:end]
            reached = sums[before] + scores[start:end]
            better = np.flatnonzero(reached > sums[after])
            cells = after[better]
            sums[cells] = reached[better]
            came_from[cells] = before[better]
            numbers[cells] = pieces.numbers[start:end][better]
        return came_from, numbers

    def _pieces(self, sheet: _Sheet) -> _Pieces:
        places = np.arange(len(sheet.characters))  # where the pieces that still grow begin
        nodes = np.zeros(len(places), dtype=np.int64)
        is_covered = np.zeros(len(places), dtype=bool)
        found: list[tuple[Integers, Integers, Integers]] = []
        for length in count(1):
            nodes = self._trie.step(nodes, sheet.characters[places + length - 1])
            numbers = self._trie.numbers[nodes]
            tokens = np.flatnonzero(numbers != FREE)
            found.append((places[tokens], places[tokens] + length, numbers[tokens]))
            if length == 1:
                is_covered[places[tokens]] = True
            growing = np.flatnonzero((nodes != 0) & (sheet.left[places] > length))
            if not len(growing):
                break
            places, nodes = places[growing], nodes[growing]
        alone = np.flatnonzero(~is_covered)
        found.append((alone, alone + 1, np.full(len(alone), UNKNOWN)))
        return _ordered(sheet, *map(np.concatenate, zip(*found, strict=True)))


def _ordered(sheet: _Sheet, starts: Integers, ends: Integers, numbers: Integers) -> _Pieces:
    """Order pieces, given by characters, by their offsets: as Viterbi meets them."""
    offsets = sheet.offsets[starts].astype(np.uint16)  # short numbers are sorted in linear time
    order = np.argsort(offsets, kind="stable")
    starts = starts[order]
    before = sheet.cells[starts]
    return _Pieces(
        before=before,
        after=before + (ends[order] - starts),
        numbers=numbers[order],
        cuts=[0, *np.cumsum(np.bincount(offsets)).tolist()],
    )


def _on_path(sheet: _Sheet, came_from: Integers) -> NDArray[np.bool_]:
    """Mark the cells that end a token of the best paths."""
    on_path = np.zeros(len(came_from), dtype=bool)
    here, first = sheet.last_cells, sheet.first_cells
    while len(here):
        on_path[here] = True
        here = came_from[here]
        going = here != first
        here, first = here[going], first[going]
    return on_path


def _parts(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Cut a list of words so that no part is much longer than `CHARACTERS_AT_ONCE`."""
    start, characters = 0, 0
    for end, word in enumerate(words, start=1):
        characters += len(word)
        if characters >= CHARACTERS_AT_ONCE or end == len(words):
            yield words[start:end]
            start, characters = end, 0


def _spelled(words: Sequence[str]) -> tuple[Integers, Integers]:
    """Return the lengths of words, and their code points one after the other."""
    lengths = np.fromiter(map(len, words), np.int64, len(words))
    return lengths, np.frombuffer("".join(words).encode("utf-32-le"), "<u4").astype(np.int64)
