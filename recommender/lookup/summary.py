"""The manifest of a build as far as a look-up needs it, read without parsing JSON.

A manifest ends with a CRC-32 of all that stands before it. Where it fits, the file is the very one that was
written, one entry a line; where it does not, the manifest has to be read in earnest.
"""

import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

END = b',\n "crc32": "%08x"\n}\n'
FORMAT = 7  # of the builds that this version reads
FROM_SAMPLE = "bundled sample"


def stamped(text: str) -> bytes:
    """Return a JSON object, written with an indent of 1, with a CRC-32 as its last entry."""
    content = text.removesuffix("\n}").encode()
    return content + END % zlib.crc32(content)


def is_whole(content: bytes) -> bool:
    """Tell whether a file is as `stamped` made it."""
    text, _, _ = content.rpartition(END[:11])
    return content == text + END % zlib.crc32(text)


class Summary:
    """What a manifest says.

    Attributes:
        build_id: Of the build.
        is_sample: Whether the papers are those that ship with the product.
        sizes: Of every file, by name.
    """

    __slots__ = ("build_id", "is_sample", "sizes")

    def __init__(self, content: bytes) -> None:
        """Read the content of a manifest.

        Raises:
            ValueError: It was not written by this version, or is damaged.
        """
        if not is_whole(content):
            raise ValueError("the checksum does not fit")
        head, _, files = content.decode().partition('\n "files": {\n')
        files, _, rest = files.partition("\n },\n")
        if f'"format": {FORMAT},' not in rest.partition("\n")[0]:
            raise ValueError("it has another format")
        self.build_id = head.partition('"build_id": "')[2].partition('"')[0]
        self.is_sample = f'\n "origin": "{FROM_SAMPLE}",\n' in head
        self.sizes = dict(_sizes(files))


def _sizes(files: str) -> "Iterator[tuple[str, int]]":
    """Yield name and size: of each file stand its name, its size and its digest, one a line."""
    lines = [line.strip(' "{},:') for line in files.splitlines()]
    for name, size in zip(lines[::4], lines[1::4], strict=True):
        yield name, int(size.removeprefix('size": '))
