"""Progress bars for whatever takes longer than a second; nothing for what does not."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from recommender.presentation import journal

PATIENCE = 1.0  # seconds before a bar appears


class StageProgress:
    """Shows the stages of one command on standard error: done, rate, remaining time."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._task: TaskID | None = None
        self._stage, self._done = "", 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._tell()
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` are done; a total of 0 is unknown."""
        if stage != self._stage:
            self._tell()
            self._stage, self._began, self._task = stage, time.monotonic(), None
        self._done = done
        elapsed = time.monotonic() - self._began
        if self._task is None and elapsed < PATIENCE:
            return
        bars = self._bars or self._started()
        if self._task is None:
            self._task = bars.add_task(stage, total=total or None, amount="", rate="")
        amount = f"{done:,}/{total:,}" if total else f"{done:,}"
        rate = f"{done / elapsed:,.0f}/s" if elapsed else ""
        bars.update(self._task, completed=done, total=total or None, amount=amount, rate=rate)

    def _tell(self) -> None:
        if self._stage:
            seconds = journal.rounded(time.monotonic() - self._began)
            journal.tell("stage", stage=self._stage, done=self._done, seconds=seconds)

    def _started(self) -> Progress:
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[amount]}"),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,  # a log has no use for bars
        )
        self._bars.start()
        return self._bars
