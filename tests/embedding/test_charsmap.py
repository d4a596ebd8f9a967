"""SentencePiece's table of replacements, against tables that SentencePiece itself compiled."""

import struct

import pytest

from recommender.embedding.charsmap import Charsmap


@pytest.fixture(scope="module")
def charsmap(compiled):
    return Charsmap(compiled({"A": "a", "É": "é", "電": "电", "𝐀": "a", "½": "1/2", "\u0301": "", "ab": "x"}))


@pytest.mark.parametrize(
    ("character", "replacement"),
    [("A", "a"), ("É", "é"), ("電", "电"), ("𝐀", "a"), ("½", "1/2"), ("\u0301", "")],
)
def test_a_character_of_the_table_is_replaced(charsmap, character, replacement):
    assert charsmap.match(character) == (replacement, True)


@pytest.mark.parametrize("character", ["B", "é", "电", "𝐁", "\u0302", "\0", "~", "\U0010ffff"])
def test_any_other_character_stays(charsmap, character):
    assert charsmap.match(character) == (None, False)


def test_a_character_that_only_begins_a_key_stays_but_is_told(charsmap):
    assert charsmap.match("a") == (None, True)
    assert charsmap.match("b") == (None, False)


def test_of_several_keys_the_shortest_counts(compiled):
    assert Charsmap(compiled({"a": "1", "ab": "2"})).match("a") == ("1", True)


@pytest.mark.parametrize("damage", [b"", b"\x04", b"\0\0\0\0abcd", struct.pack("<II", 400, 0)])
def test_a_table_that_is_cut_off_is_refused(damage):
    with pytest.raises(ValueError, match="cut off"):
        Charsmap(damage)


def test_replacements_that_are_no_text_are_refused(compiled):
    with pytest.raises(ValueError, match="utf-8"):
        Charsmap(compiled({"A": "a"}) + b"\xff")


@pytest.mark.parametrize("units", [(1 << 20, 5), (0b1 << 10, 0)])
def test_a_table_that_leads_astray_is_damaged_not_read_elsewhere(units):
    with pytest.raises(ValueError, match="damaged at 'a'"):
        Charsmap(struct.pack("<3I", 8, *units) + b"abc\0").match("a")


def test_a_leaf_that_points_behind_the_replacements_is_damage(compiled):
    whole = compiled({"A": "a"})
    size = int.from_bytes(whole[:4], "little")
    units = [*struct.unpack(f"<{size // 4}I", whole[4 : 4 + size])]
    leaves = [unit for unit in units if unit & 1 << 31]
    units[units.index(leaves[0])] = 1 << 31 | 99
    with pytest.raises(ValueError, match="damaged at 'A'"):
        Charsmap(whole[:4] + struct.pack(f"<{size // 4}I", *units) + whole[4 + size :]).match("A")
