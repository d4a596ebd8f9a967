"""What stands at a key of an object, refused where it is of another kind than the format says."""

from collections.abc import Mapping
from typing import Any


def list_at(values: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list at `key`, empty where there is none.

    Raises:
        ValueError: There is something else.
    """
    value = values.get(key)
    if value is not None and not isinstance(value, list):
        raise ValueError(f"{key} must be a list, got {type(value).__name__}")
    return value or []


def object_at(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the object at `key`, empty where there is none.

    Raises:
        ValueError: There is something else.
    """
    value = values.get(key)
    return {} if value is None else as_object(value, key)


def as_object(value: Any, what: str) -> Mapping[str, Any]:
    """Return `value` if it is an object.

    Raises:
        ValueError: It is something else.
    """
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be an object, got {type(value).__name__}")
    return value


def objects_at(values: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return the objects of the list at `key`.

    Raises:
        ValueError: It is no list, or holds something else.
    """
    return [as_object(entry, f"every one of {key}") for entry in list_at(values, key)]


def first_text(values: Mapping[str, Any], key: str) -> Any:
    """Return the value at `key`, or the first one of a list there."""
    value = values.get(key)
    return next(iter(value), "") if isinstance(value, list) else value or ""
