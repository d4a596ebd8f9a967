"""How a paper is named in one line: the same on a screen as in a file."""

from recommender.text.printable import printable
from recommender.writers.citations import citation_line, display_title, link_of

__all__ = ["citation_line", "display_title", "link_of", "printable"]
