"""The header of a safetensors file, believed in nothing, and whether the numbers behind it are numbers.

Whatever a header says is held against the size of the file before anything is read or allocated by it.
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np

from recommender.errors import ModelError

LARGEST_HEADER = 1_000_000  # bytes; that of a model of a thousand tensors has a tenth of it
MOST_DIMENSIONS = 8
LENGTH = 8  # bytes, before the header
BYTES_OF = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
NOT_FINITE = {"F16": 0x7C00, "BF16": 0x7F80, "F32": 0x7F80_0000, "F64": 0x7FF0_0000_0000_0000}  # the exponent
AT_ONCE = 1 << 20  # numbers


class Place(NamedTuple):
    """Where in its file a tensor is: type as safetensors names it, shape, first byte, end."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def places_of(path: Path) -> dict[str, Place]:
    """Return where every tensor of a safetensors file is, none of them outside it or upon another.

    Raises:
        ModelError: The file is missing, cut off, too long, or its header is not one.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(LENGTH), "little")
            if size < LENGTH or length > size - LENGTH:
                _refuse(path, f"its header has {length} bytes, the file {size}")
            if length > LARGEST_HEADER:
                _refuse(path, f"its header has {length} bytes, more than {LARGEST_HEADER}")
            header = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=_once)
        header.pop("__metadata__", None)
        places = {name: _place(entry, LENGTH + length) for name, entry in header.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise ModelError(f"{path} cannot be read: {problem}") from problem
    end = LENGTH + length
    for name, place in sorted(places.items(), key=lambda item: item[1][2:]):
        if place.start != end:
            _refuse(path, f"{name!r} begins at byte {place.start}, expected {end}")
        end = place.end
    if end != size:
        _refuse(path, f"its tensors end at byte {end}, the file at {size}")
    return places


def check_numbers(path: Path, places: dict[str, Place]) -> None:
    """Read all decimals of a file.

    Raises:
        ModelError: One is no number, or infinite.
    """
    for name, place in places.items():
        if place.dtype not in NOT_FINITE or place.start == place.end:
            continue
        exponent = NOT_FINITE[place.dtype]
        width = BYTES_OF[place.dtype]
        bits = np.memmap(path, mode="r", dtype=np.uint8)[place.start : place.end].view(f"<u{width}")
        for start in range(0, len(bits), AT_ONCE):
            part = bits[start : start + AT_ONCE]
            found = (part & part.dtype.type(exponent)) == exponent
            if found.any():
                number = start + int(found.argmax())
                row = number // math.prod(place.shape[1:])
                _refuse(path, f"row {row} of {name!r} holds what is no finite number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands in its header twice")
    return found


def _place(entry: dict[str, Any], offset: int) -> Place:
    dtype, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    whole = [*shape, start, end]
    if not all(type(number) is int and number >= 0 for number in whole) or len(shape) > MOST_DIMENSIONS:
        raise ValueError(f"shape {str(shape)[:80]}, bytes {str([start, end])[:80]}")
    if dtype not in BYTES_OF:
        raise ValueError(f"numbers of type {str(dtype)[:80]!r}")
    if end - start != BYTES_OF[dtype] * math.prod(shape):
        raise ValueError(f"{end - start} bytes for {shape} numbers of type {dtype}")
    return Place(dtype, tuple(shape), offset + start, offset + end)


def _refuse(path: Path, why: str) -> NoReturn:
    raise ModelError(f"{path} is damaged: {why}")
