"""Markup in the texts of formats that have none: titles in italics, paragraphs, characters by their names.

Only what is certainly markup is taken for it: `a < b`, `x <y and z> w` and `R&D` stay as they are.
"""

import html
import re

BLOCKS = "abstract|break|br|div|h[1-6]|li|list-item|list|ol|p|sec|table|title|tr|ul"
INLINE = (
    "a|abbr|alternatives|big|bold|b|cite|code|disp-formula|em|ext-link|font|inf|inline-formula|italic|i|mark|"
    "monospace|named-content|q|scp|sc|small|span|strike|strong|sub|sup|s|tex-math|tt|underline|u|xref"
)
ATTRIBUTE = r"""\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'|[^\s"'<>]+)"""
TAG = re.compile(
    rf"</?(?:(?P<block>(?:jats:)?(?:{BLOCKS}))|(?:jats:)?(?:{INLINE})|(?:jats|mml|m):[a-z][\w-]*)"
    rf"(?:{ATTRIBUTE})*+\s*/?>",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
WHITE_SPACE = re.compile(r"[ \t\r\n\f]+")  # a no-break space is text


def visible(text: str) -> str:
    r"""Return a text without the tags of HTML and JATS, and with characters for their names.

    Where it has paragraphs, they become lines; else its own lines stay.

    >>> visible("<jats:p>H<jats:sub>2</jats:sub>O &amp; CO</jats:p><jats:p>Two.</jats:p>")
    'H2O & CO\nTwo.'
    >>> visible("p <0.05, a < b and <i>c</i> > d; R&D")
    'p <0.05, a < b and c > d; R&D'
    """
    if "<" not in text and "&" not in text:
        return text
    has_blocks = any(tag["block"] for tag in TAG.finditer(text))
    if has_blocks:
        text = WHITE_SPACE.sub(" ", text)
    bare = TAG.sub(lambda tag: "\n" if tag["block"] else "", text)
    said = ENTITY.sub(lambda entity: html.unescape(entity[0]), bare)
    return "\n".join(line for raw in said.split("\n") if (line := raw.strip())) if has_blocks else said


def as_markup(text: str) -> str:
    """Return a text so that `visible` reads it as it is: unchanged, unless it would be taken for markup.

    >>> as_markup("a < b & c"), as_markup("the tag <b>")
    ('a < b & c', 'the tag &lt;b&gt;')
    """
    return text if visible(text) == text else html.escape(text, quote=False)
