"""From bytes to text: which encoding a file is in, or why it is not text at all."""

import codecs
from collections import Counter
from pathlib import Path

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
    (b"PK\x03\x04", "a ZIP archive or an Office document; unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as text or CSV"),
    (b"{\\rtf", "an RTF document; save it as plain text"),
    (b"\x1f\x8b", "compressed with gzip; decompress it first"),
    (b"\xfd7zXZ\x00", "compressed with xz; decompress it first"),
    (b"BZh91AY&SY", "compressed with bzip2; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "compressed with Zstandard; decompress it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (b"SQLite format 3\x00", "an SQLite database; export the table as CSV"),
    (b"PAR1", "a Parquet file; export it as JSON Lines"),
    (b"\x89PNG", "a PNG image, not text"),
    (b"\xff\xd8\xff", "a JPEG image, not text"),
    (b"GIF8", "a GIF image, not text"),
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


def find_encoding(path: Path, start: bytes) -> str:
    """Return the encoding of a text file that begins with `start`.

    A byte order mark decides. Without one the file is UTF-8, or else GB18030 (which includes GBK and
    GB2312) if the result reads like text, every byte of it.

    Raises:
        SourceError: The file is binary, or in no encoding that can be told for certain.
        OSError: The file cannot be read.
    """
    for bom, encoding in BOMS:
        if start.startswith(bom):
            return _by_mark(path, encoding)
    _refuse_binary(path, start)
    not_utf_8 = _first_bad_byte(path, "utf-8")
    if not_utf_8 is None:
        return "utf-8"
    characters: Counter[str] = Counter()
    not_gb18030 = _first_bad_byte(path, "gb18030", characters)
    if not_gb18030 is None and _is_plausible(characters):
        return "gb18030"
    reason = "as which it makes no sense" if not_gb18030 is None else f"byte {not_gb18030 + 1}"
    raise SourceError(
        f"{path} is neither UTF-8 (byte {not_utf_8 + 1}) nor GB18030 ({reason}); save it as UTF-8"
    )


def _by_mark(path: Path, encoding: str) -> str:
    if (bad := _first_bad_byte(path, encoding.removesuffix("-sig"))) is not None:
        raise SourceError(
            f"{path} begins like {encoding.upper()}, but is damaged at byte {bad + 1}; save it again as UTF-8"
        )
    return encoding


def _refuse_binary(path: Path, start: bytes) -> None:
    for magic, what in MAGIC:
        if start.startswith(magic):
            raise SourceError(f"{path} is {what}")
    if (position := start.find(0, 0, BINARY_BYTES)) >= 0:
        raise SourceError(
            f"{path} is binary, or UTF-16 without a byte order mark (byte {position + 1} is zero); "
            "save it as UTF-8"
        )


def _first_bad_byte(path: Path, encoding: str, characters: Counter[str] | None = None) -> int | None:
    """Return the offset of the first byte that cannot be decoded, and count the characters if asked to."""
    decoder = codecs.getincrementaldecoder(encoding)()
    offset = 0
    with path.open("rb") as file:
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
