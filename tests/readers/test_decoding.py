import codecs

import pytest

from recommender.errors import SourceError
from recommender.readers.decoding import CHUNK_BYTES
from recommender.readers.source import SourceFile

ABSTRACT = "市域产教联合体是推动产业升级发展的现实路径,是加快推进现代职业教育体系建设的必然选择。"
TRADITIONAL = "市域產教聯合體是推動產業升級發展的現實路徑。本文以三所學校為例,分析其治理方式。"
KOREAN = "직업교육과 산업의 발전은 국가 경제에서 매우 중요한 관계를 가지며 학교와 기업의 협력을 분석한다."
JAPANESE = (
    "本研究では、高分子材料の表面における水の吸着を、温度を変えながら調べた。"
    "その結果、低い温度では薄い膜が、高い温度では小さな滴が見られた。"
)


def refusal(path):
    with pytest.raises(SourceError) as caught:
        _ = SourceFile(path).encoding
    return str(caught.value).removeprefix(f"{path} ")


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ABSTRACT.encode(), "utf-8"),
        (b"plain ASCII", "utf-8"),
        (codecs.BOM_UTF8 + ABSTRACT.encode(), "utf-8-sig"),
        (ABSTRACT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + ABSTRACT.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF32_LE + ABSTRACT.encode("utf-32-le"), "utf-32"),
        (codecs.BOM_UTF32_BE + ABSTRACT.encode("utf-32-be"), "utf-32"),
        (ABSTRACT.encode("gb18030"), "gb18030"),
        (ABSTRACT.encode("gbk"), "gb18030"),
        (TRADITIONAL.encode("gb18030"), "gb18030"),
        (JAPANESE.encode("gb18030"), "gb18030"),
        ("王作鹏".encode("gb18030"), "gb18030"),
        ("“quoted” — in English".encode("gb18030"), "gb18030"),
    ],
)
def test_the_encoding_is_found_and_the_text_comes_back(source, content, encoding):
    file = SourceFile(source("a.txt", content))
    assert file.encoding == encoding
    text = file.text()
    assert text == content.decode(encoding)
    assert not text.startswith("\ufeff")


@pytest.mark.parametrize(
    "content",
    [
        (TRADITIONAL * 10).encode("big5"),
        (KOREAN * 10).encode("euc-kr"),
        (JAPANESE * 20).encode("euc-jp"),
        (JAPANESE * 10).encode("shift-jis"),
        "It’s a naïve claim, isn’t it?".encode("cp1252"),  # valid GB18030: It抯 a na飗e claim, isn抰 it?
        ABSTRACT.encode()[:-1],
        b"\x00".join([b"not a BOM"] * 3),
    ],
    ids=["big5", "euc-kr", "euc-jp", "shift-jis", "cp1252", "cut utf-8", "nul"],
)
def test_bytes_that_only_happen_to_decode_are_refused_with_advice(source, content):
    assert refusal(source("a.txt", content)).endswith("; save it as UTF-8")


def test_the_first_undecodable_byte_is_named_counting_from_1(source):
    content = b"abc\xff" + ABSTRACT.encode()
    assert (
        refusal(source("a.txt", content))
        == "is neither UTF-8 (byte 4) nor GB18030 (byte 4); save it as UTF-8"
    )


@pytest.mark.parametrize("cut", range(4))
def test_the_offset_is_right_where_a_character_lies_across_two_chunks(source, cut):
    content = b"a" * (CHUNK_BYTES - cut) + "文".encode() + b"\xff"
    assert f"neither UTF-8 (byte {CHUNK_BYTES - cut + 4})" in refusal(source("a.txt", content))


def test_a_file_with_a_mark_must_keep_its_promise(source):
    content = codecs.BOM_UTF8 + b"ab\xff"
    assert (
        refusal(source("a.txt", content))
        == "begins like UTF-8-SIG, but is damaged at byte 6; save it again as UTF-8"
    )


def test_a_lone_surrogate_in_utf_16_is_damage(source):
    content = codecs.BOM_UTF16_LE + "ab".encode("utf-16-le") + b"\x00\xd8" + "c".encode("utf-16-le")
    assert refusal(source("a.txt", content)) == (
        "begins like UTF-16, but is damaged at byte 7; save it again as UTF-8"
    )


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document; extract its text first"),
        (b"PK\x03\x04\x14", "an archive or document within another file; unpack it first"),
        (b"SQLite format 3\x00", "an SQLite database; export the table as CSV"),
        (b"\x89PNG\r\n", "a PNG image, not text"),
        (b"PAR1\x15", "a Parquet file; read it as parquet"),
    ],
)
def test_a_known_binary_format_is_called_by_its_name(source, content, what):
    assert refusal(source("a.jsonl", content)) == f"is {what}"


@pytest.mark.parametrize(("content", "byte"), [(b"ab\x00", 3), (b"\x00ab", 1)])
def test_a_zero_byte_at_the_beginning_makes_a_file_binary(source, content, byte):
    assert refusal(source("a.txt", content)) == (
        f"is binary, or UTF-16 without a byte order mark (byte {byte} is zero); save it as UTF-8"
    )
