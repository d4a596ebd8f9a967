import pytest

from recommender.readers.markup import is_markup, text_of
from tests.conftest import LINEAR, times_as_long


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("no tags", "no tags"),
        ("<b>in</b>line", "inline"),
        ("one<br>two<BR/>three<p>four</p>", "one\ntwo\nthree\nfour\n"),
        ("<ul><li>a<li>b</ul>", "\n\na\nb\n"),
        ("wrapped\n   line", "wrapped line"),
        ("kept&nbsp;&nbsp;spaces", "kept\u00a0\u00a0spaces"),
        ("&lt;p&gt; &amp;lt; &#8220;&#x201d;&ldquo;", "<p> &lt; “”“"),
        ("a<script>if (1 < 2) '<p>'</script>b<style>p {}</style>c", "abc"),
        ("a<!-- <p>hidden</p> -->b", "ab"),
        ("a<!-- unclosed", "a"),
        ("a<script>unclosed", "a"),
        ("""<a title="x > y" href='z'>link</a>""", "link"),
        ("""<a title="unclosed>link</a>""", "link"),
        ("p<0.05 and n > 30", "p<0.05 and n > 30"),
        ("1 < 2", "1 < 2"),
        ("<?xml version='1.0'?><!DOCTYPE html>x", "x"),
        ("<preface>x</preface>", "x"),
    ],
)
def test_what_a_browser_would_show_is_what_remains(markup, text):
    assert text_of(markup) == text


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<a b='", '<a b="', "<!--", "<![", "</", "<?", "<script>", "&#", "<p"]
)
def test_damaged_markup_takes_linear_time(piece):
    assert times_as_long(lambda n: text_of(piece * n), 20_000) < LINEAR


def test_an_entity_of_five_thousand_digits_is_damage():
    with pytest.raises(ValueError, match="an entity of 5,000 digits in line 2"):
        text_of("&#10;\n&#" + "9" * 5000 + ";")


def test_an_entity_that_tags_stand_in_is_damage_all_the_same():
    with pytest.raises(ValueError, match="in line 1"):
        text_of("&<b>#</b>" + "9" * 5000 + ";")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<!DOCTYPE html><p>", True),
        ("  \n<div>1.</div>", True),
        ("exported:\n<html lang='zh'>", True),
        ("1.\n显著(p<0.05)\n", False),
        ("r<p<q", False),
        ("< 5", False),
    ],
)
def test_text_with_less_than_signs_is_no_markup(head, expected):
    assert is_markup(head) is expected
