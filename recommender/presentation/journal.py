"""The journal: one JSON object a line of what was done, for programs that watch; RECOMMENDER_LOG names it.

Every line has `time` (ISO 8601, UTC), `pid` and `event`; what else it has depends on the event. Nobody's
question is in it: commands are named without their arguments, requests by their route.
"""

import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recommender.errors import SettingsError
from recommender.presentation.terminal import note

VARIABLE = "RECOMMENDER_LOG"
FIELDS = "fields"
_log = logging.getLogger("recommender.journal")
_log.propagate = False  # to no other log, which might be a terminal's
_log.addHandler(logging.NullHandler())


class Lines(logging.Formatter):
    """Writes an event, or whatever another logger says, as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head: dict[str, Any] = {"time": time, "pid": record.process}
        fields = getattr(record, FIELDS, None)
        if fields is None:
            fields = {"event": "log", "level": record.levelname.lower(), "logger": record.name}
            fields["message"] = record.getMessage()
            if record.exc_info and record.exc_info[0]:
                fields["error"] = record.exc_info[0].__name__
        text = json.dumps(head | fields, ensure_ascii=False)
        return text.encode("utf-8", "backslashreplace").decode()


class Appended:
    """A file that lines are added to. What it cannot take is said once, and keeps nobody from their work."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._file = Path(name).open("ab", buffering=0)  # noqa: SIM115 - closed by `close`
        self._is_whole = True  # the last line, up to its end
        self._is_said = False

    def write(self, text: str) -> None:
        line = text.encode("utf-8") if self._is_whole else b"\n" + text.encode("utf-8")
        try:
            n_written = self._file.write(line)
        except OSError as problem:
            self._say(problem.strerror or str(problem))
            return
        self._is_whole = n_written == len(line)
        if not self._is_whole:
            self._say("there is no room for a whole line")

    def _say(self, problem: str) -> None:
        if not self._is_said:
            self._is_said = True
            note(f"{VARIABLE}: {self._name} cannot be written to ({problem}); its lines are lost")

    def close(self) -> None:
        self._file.close()


@contextmanager
def kept(environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Keep the journal while a command runs, if one is wanted.

    Raises:
        SettingsError: It cannot be opened.
    """
    name = environment.get(VARIABLE, "")
    if not name:
        yield
        return
    try:
        file = Appended(name)
    except OSError as problem:
        raise SettingsError(f"{VARIABLE}: {name} cannot be written to ({problem.strerror})") from problem
    handler = logging.StreamHandler(file)
    handler.setFormatter(Lines())
    package = logging.getLogger("recommender")
    for logger in (_log, package):
        logger.addHandler(handler)
    before = _log.level
    _log.setLevel(logging.INFO)
    try:
        yield
    finally:
        _log.setLevel(before)
        for logger in (_log, package):
            logger.removeHandler(handler)
        handler.close()
        file.close()


def is_kept() -> bool:
    """Tell whether anybody wants to know."""
    return _log.isEnabledFor(logging.INFO) and len(_log.handlers) > 1


def tell(event: str, **fields: Any) -> None:
    """Write an event with its fields: names, numbers, seconds; None is left out."""
    if is_kept():
        found = {"event": event} | {name: value for name, value in fields.items() if value is not None}
        _log.info(event, extra={FIELDS: found})


def rounded(seconds: float) -> float:
    """Return seconds as the journal has them, to the tenth of a millisecond."""
    return round(seconds, 4)
