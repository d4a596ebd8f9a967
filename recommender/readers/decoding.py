"""From bytes to text: which encoding a file is in, or why it is not text at all."""

import codecs
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from recommender.errors import SourceError

CHUNK_BYTES = 1 << 20
BINARY_BYTES = 8_000  # a NUL among the first ones makes a file binary; a later one spoils only its record

# The four bytes of UTF-32 begin with the two of UTF-16.
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

MAGIC = (
    (b"%PDF-", "a PDF document; extract its text first"),
    (b"PK\x03\x04", "an archive or document within another file; unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as text or CSV"),
    (b"{\\rtf", "an RTF document; save it as plain text"),
    (b"\x1f\x8b", "compressed too many times; decompress it first"),
    (b"\xfd7zXZ\x00", "compressed too many times; decompress it first"),
    (b"BZh91AY&SY", "compressed too many times; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "compressed too many times; decompress it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database; export the table as CSV"),
    (b"PAR1", "a Parquet file; read it as parquet"),
    (b"\x89PNG", "a PNG image, not text"),
    (b"\xff\xd8\xff", "a JPEG image, not text"),
    (b"GIF8", "a GIF image, not text"),
)
TAR = slice(257, 262)  # where a tar archive says `ustar`

# What an XML file may say that it is written in, beside UTF-8 and GB18030.
DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
DECLARABLE = re.compile(
    r"(?:iso8859-|cp125|gb2312|gbk|gb18030|big5|euc_|shift_jis|koi8|ascii|latin_1|utf-8|hz)[\w-]*"
)

# The hundred most frequent characters of Chinese abstracts: four characters of ten there, two of ten in
# traditional Chinese, one of a hundred where Korean or Japanese bytes are taken for Chinese ones.
FREQUENT_HAN = frozenset(
    "的和对分性组为中用量化在生高度了结于有与显能水法表方物及数研基体发进究以合理大地系行果提相一著不"
    "重型率作响影加验种成明应时模其平动析可质制同过测低学间产实关机出定效是比现试期后力统下个增要变计"
)
ENOUGH_HAN = 200
LEAST_FREQUENT_SHARE = 0.05
LEAST_GB2312_SHARE = 0.5


Open = Callable[[], BinaryIO]


def find_encoding(path: Path, start: bytes, open_: Open) -> str:
    """Return the encoding of a text file that begins with `start`.

    A byte order mark decides, then what an XML file declares. Without either the file is UTF-8, or else
    GB18030 (which includes GBK and GB2312) if the result reads like text, every byte of it.

    Args:
        path: What the file is called.
        start: Its first bytes.
        open_: Opens it.

    Raises:
        SourceError: The file is binary, or in no encoding that can be told for certain.
        OSError: The file cannot be read.
    """
    for bom, encoding in BOMS:
        if start.startswith(bom):
            return _promised(path, open_, encoding, "begins like")
    _refuse_binary(path, start)
    not_utf_8 = _first_bad_byte(open_, "utf-8")
    if not_utf_8 is None:
        return "utf-8"
    if declared := _declared(start):
        return _promised(path, open_, declared, "declares to be")
    characters: Counter[str] = Counter()
    not_gb18030 = _first_bad_byte(open_, "gb18030", characters)
    if not_gb18030 is None and _is_plausible(characters):
        return "gb18030"
    reason = "as which it makes no sense" if not_gb18030 is None else f"byte {not_gb18030 + 1}"
    raise SourceError(
        f"{path} is neither UTF-8 (byte {not_utf_8 + 1}) nor GB18030 ({reason}); save it as UTF-8"
    )


def _promised(path: Path, open_: Open, encoding: str, says: str) -> str:
    if (bad := _first_bad_byte(open_, encoding.removesuffix("-sig"))) is not None:
        raise SourceError(
            f"{path} {says} {encoding.upper()}, but is damaged at byte {bad + 1}; save it again as UTF-8"
        )
    return encoding


def _declared(start: bytes) -> str | None:
    """Return the encoding that an XML file declares, None where it does not, or names an unusual one."""
    if not (found := DECLARED.match(start)):
        return None
    try:
        name = codecs.lookup(found[1].decode("ascii")).name
    except LookupError:
        return None
    if name in ("gb2312", "gbk"):
        return "gb18030"  # what is declared as GB 2312 often holds characters of its successors
    return name if DECLARABLE.fullmatch(name) and name != "utf-8" else None


def _refuse_binary(path: Path, start: bytes) -> None:
    for magic, what in MAGIC:
        if start.startswith(magic):
            raise SourceError(f"{path} is {what}")
    if start[TAR] == b"ustar":
        raise SourceError(f"{path} is a tar archive; unpack it first")
    if (position := start.find(0, 0, BINARY_BYTES)) >= 0:
        raise SourceError(
            f"{path} is binary, or UTF-16 without a byte order mark (byte {position + 1} is zero); "
            "save it as UTF-8"
        )


def _first_bad_byte(open_: Open, encoding: str, characters: Counter[str] | None = None) -> int | None:
    """Return the offset of the first byte that cannot be decoded, and count the characters if asked to."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    with open_() as file:
        while True:
            chunk = file.read(CHUNK_BYTES)
            pending = len(decoder.getstate()[0])  # the cut character at the end of the chunk before
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as problem:
                return offset - pending + problem.start
            if characters is not None and not text.isascii():
                characters.update(text)
            if not chunk:
                return None
            offset += len(chunk)


def _is_plausible(characters: Counter[str]) -> bool:
    """Return whether text in GB18030 reads like text, for nearly any bytes make characters in it.

    Bytes of Big5, Shift-JIS, Windows-1252 or damaged UTF-8 make rare characters and private ones; those
    of EUC-KR and EUC-JP make characters that are well known, but in no proportion.
    """
    foreign = {character: count for character, count in characters.items() if not character.isascii()}
    common = sum(count for character, count in foreign.items() if _in_gb2312(character))
    if common < LEAST_GB2312_SHARE * sum(foreign.values()):
        return False
    han = sum(count for character, count in foreign.items() if "\u4e00" <= character <= "\u9fff")
    frequent = sum(foreign.get(character, 0) for character in FREQUENT_HAN)
    return han < ENOUGH_HAN or frequent >= LEAST_FREQUENT_SHARE * han


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
