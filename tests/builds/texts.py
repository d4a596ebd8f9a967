"""The texts of a corpus of many papers, and those of a night in which little changes."""

from itertools import product

TEXTS = {str(n): "".join(letters) for n, letters in enumerate(product("abcdefghijklmnop", repeat=3))}
GONE = [str(n) for n in range(7, 4_000, 133)]
CHANGED = {str(n): f"qrs {TEXTS[str(n)]}" for n in range(50, 4_000, 400)}
ADDED = {f"new {n}": f"qr {text}" for n, text in enumerate([*TEXTS.values()][5:4_000:160])}
TONIGHT = {name: text for name, text in TEXTS.items() if name not in GONE} | CHANGED | ADDED
