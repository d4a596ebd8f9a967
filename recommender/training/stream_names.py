"""What the name of a stream of pairs tells: its kind and its languages.

`en/title-abstract` is within one language, `zh-en/title` between two, the left one first; `word/ja`,
`term/de` and `sentence/uk` are from English on the left to that language on the right. What follows a
second slash tells streams of one kind apart: `zh/halves/1`.
"""

from recommender.text.language_codes import language_code

FROM_ENGLISH = frozenset({"word", "term", "sentence"})
ANY = ""  # a language that the name does not tell


def languages_of(stream: str) -> tuple[str, str]:
    """Return the languages of the left and the right side.

    >>> [languages_of(name) for name in ("zh/halves", "zh-en/title", "word/pt", "fra/halves", "field")]
    [('zh', 'zh'), ('zh', 'en'), ('en', 'pt'), ('fr', 'fr'), ('', '')]
    """
    first, slash, second = stream.partition("/")
    if not slash:
        return ANY, ANY
    if first in FROM_ENGLISH:
        return "en", language_code(second)
    one, _, other = first.partition("-")
    return language_code(one), language_code(other or one)


def kind_of(stream: str) -> str:
    """Return what the pairs are.

    >>> [kind_of(name) for name in ("zh/halves/1", "zh-en/title", "word/pt", "field")]
    ['halves', 'title', 'word', 'field']
    """
    first, _, second = stream.partition("/")
    return first if first in FROM_ENGLISH or not second else second.partition("/")[0]
