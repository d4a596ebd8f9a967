"""Dataclasses of parameters, read from TOML and written to it."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from recommender.errors import RecipeError

T = TypeVar("T")


def read_recipe(cls: type[T], path: Path) -> T:
    """Read a dataclass of parameters from TOML.

    Raises:
        RecipeError: The file is not TOML; a field is missing, unknown, or of another type or range.
    """
    try:
        return record_of(cls, tomllib.loads(path.read_text(encoding="utf-8")), "the recipe")
    except (OSError, ValueError, TypeError, RecipeError) as problem:
        raise RecipeError(f"{path}: {problem}") from problem


def record_of(cls: type[T], table: Mapping[str, Any], where: str) -> T:
    """Return the dataclass `cls` with the values of a TOML table.

    Args:
        cls: Its fields are of plain types, of dataclasses, or tuples or dictionaries of these.
        table: The values by name of the field.
        where: What the table is, for messages.

    Raises:
        TypeError: A field is missing, unknown or of another type.
    """
    entries = {entry.name: entry for entry in fields(cls)}  # type: ignore[arg-type]  # all are dataclasses
    if unknown := sorted(set(table) - set(entries)):
        raise TypeError(f"{where} has the unknown fields {unknown}; known are {', '.join(entries)}")
    needed = {n for n, e in entries.items() if e.default is MISSING and e.default_factory is MISSING}
    if missing := sorted(needed - set(table)):
        raise TypeError(f"{where} lacks {', '.join(missing)}")
    kinds = get_type_hints(cls)
    return cls(**{name: _converted(kinds[name], value, name) for name, value in table.items()})


def _converted(kind: Any, value: Any, name: str) -> Any:
    if is_dataclass(kind) and isinstance(kind, type) and isinstance(value, dict):
        return record_of(kind, value, name)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_converted(get_args(kind)[0], entry, name) for entry in value)
    if get_origin(kind) is dict and isinstance(value, dict):
        return {key: _converted(get_args(kind)[1], entry, f"{name}.{key}") for key, entry in value.items()}
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{name} must be {getattr(kind, '__name__', kind)}, got {value!r}")
    return value


def lines_of(record: Any) -> Iterator[str]:
    """Yield a dataclass as lines of TOML, plain values first, then tables.

    JSON's way to write a value is one of TOML's.
    """
    values = {entry.name: getattr(record, entry.name) for entry in fields(record)}
    nested = {name: value for name, value in values.items() if is_dataclass(_first(value))}
    for name, value in values.items():
        if name not in nested:
            yield f"{name} = {_toml(value)}"
    for name, value in nested.items():
        for part in value if isinstance(value, tuple) else (value,):
            yield ""
            yield f"[[{name}]]" if isinstance(value, tuple) else f"[{name}]"
            yield from lines_of(part)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(entry)}" for key, entry in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value else value
