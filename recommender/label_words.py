"""How alike two papers are, in words, by the number of the label: all that a look-up has time to import."""

LABEL_WORDS = ("", "unrelated", "same field", "same topic", "near-duplicate")
UNRELATED = 1
