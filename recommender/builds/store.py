"""All builds of a home folder: a version is a folder, a publication is a rename."""

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from recommender.builds import manifest as manifests
from recommender.builds import published, staging
from recommender.builds.build import CHECKED, Build
from recommender.builds.in_use import unused
from recommender.builds.verdict import GateVerdict
from recommender.errors import BuildError, SettingsError
from recommender.files import sync_folder, write_durably
from recommender.seen import remember

CURRENT = "CURRENT"
BUILD_ID = re.compile(r"\d{8}T\d{6}Z")  # any other folder is somebody else's
ID_FORMAT = "%Y%m%dT%H%M%SZ"


def new_build_id(now: datetime) -> str:
    """Return an id that sorts by time.

    >>> new_build_id(datetime(2026, 11, 23, 2, 15, tzinfo=UTC))
    '20261123T021500Z'
    """
    return now.astimezone(UTC).strftime(ID_FORMAT)


class BuildStore:
    """The builds below one folder. Readers need nothing else; writers hold the writer's lock."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def builds(self) -> list[str]:
        """Return the ids of all finished builds, oldest first."""
        if not self.root.is_dir():
            return []
        return sorted(p.name for p in self.root.iterdir() if BUILD_ID.fullmatch(p.name) and p.is_dir())

    def current_id(self) -> str | None:
        """Return the id of the published build, or None: nothing was ever published.

        Raises:
            BuildError: The pointer cannot be read.
            SettingsError: The home is no folder.
        """
        try:
            name = (self.root / CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        except NotADirectoryError as problem:
            raise SettingsError(f"{self.root.parent} is no folder; choose another with --home") from problem
        except (OSError, ValueError) as problem:
            raise BuildError(
                f"{self.root / CURRENT} cannot be read ({problem}); publish a build"
            ) from problem
        if not name or Path(name).name != name or name.startswith("."):
            raise BuildError(f"{self.root / CURRENT} is damaged; publish one, see: recommend builds")
        return name

    def current(self) -> Build:
        """Open the published build.

        Raises:
            BuildError: There is none, or it is damaged.
        """
        while True:
            build_id = self.current_id()
            try:
                return self._opened(build_id)
            except BuildError:
                if self.current_id() == build_id:
                    raise  # else another was published meanwhile, and this one may be gone

    def _opened(self, build_id: str | None) -> Build:
        if build_id is None and (builds := self.builds()):
            raise BuildError(f"no build is published in {self.root}; publish one, the newest is {builds[-1]}")
        if build_id is None:
            raise BuildError(f"there is no published build in {self.root}; run: recommend rebuild FILES")
        return self.open(build_id)

    def open(self, build_id: str) -> Build:
        """Open a build by its id.

        Raises:
            BuildError: There is none of that id, or it is damaged.
        """
        if build_id not in self.builds():
            known = ", ".join(self.builds()[-5:]) or "none"
            raise BuildError(f"there is no build {build_id!r} in {self.root} (the latest: {known})")
        return Build(self.root / build_id)

    def free_id(self, now: datetime) -> str:
        """Return the id of a build that begins now: later than all others, also where the clock went back."""
        begun = filter(BUILD_ID.fullmatch, map(staging.id_of, self.unfinished()))
        newest = max([*self.builds(), *begun], default="")
        if newest < (build_id := new_build_id(now)):
            return build_id
        taken = datetime.strptime(newest, ID_FORMAT).replace(tzinfo=UTC)
        return new_build_id(taken + timedelta(seconds=1))

    def unfinished(self) -> list[Path]:
        """Return the folders of builds that a writer which was killed has left, the oldest first."""
        return staging.staged(self.root)

    def tidy(self, spared: Path | None = None) -> None:
        """Remove whatever a writer that was killed has left; hold the writer's lock.

        Only what names things on a server that cannot be reached stays.

        Args:
            spared: The folder of an unfinished build that somebody goes on with.

        Raises:
            SettingsError: Something cannot be removed.
        """
        builds = {*self.builds()}
        notes = [note for note in self.root.glob(f"{CHECKED}/*.json") if note.stem not in builds]
        aside = (f".{CURRENT}.*", f".{published.FILE}.*", f"{CHECKED}/.*", f"*/.{manifests.FILE}.*")
        try:
            for folder in self.unfinished():
                if folder != spared:
                    staging.delete(folder)
            for left in chain(notes, *map(self.root.glob, aside)):
                left.unlink()
        except OSError as problem:
            raise SettingsError(
                f"cannot write to {self.root} ({problem.strerror}); choose another folder with --home"
            ) from problem

    @contextmanager
    def create(self, build_id: str, *, goes_on: bool = False) -> Iterator[Path]:
        """Yield a folder to stage a build in, and name it only if the block succeeds.

        Whatever an earlier run that was killed has left is removed first.

        Args:
            build_id: Of the build.
            goes_on: With what such a run has left of this very build.

        Raises:
            BuildError: The block wrote no manifest.
            SettingsError: The folder cannot be written to.
        """
        folder = staging.folder_of(self.root, build_id)
        self.tidy(folder if goes_on else None)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            folder.mkdir(exist_ok=goes_on)
        except OSError as problem:
            raise SettingsError(
                f"cannot write to {self.root} ({problem.strerror}); choose another folder with --home"
            ) from problem
        try:
            yield folder
            if not (folder / manifests.FILE).is_file():
                raise BuildError(f"build {build_id} was left without a manifest")
            sync_folder(folder)
            folder.rename(self.root / build_id)
            sync_folder(self.root)
        except OSError as problem:
            raise BuildError(
                f"build {build_id} could not be written ({problem.strerror}); the one before stays current"
            ) from problem
        finally:
            with suppress(OSError):  # it is not there, or the next one deletes it
                staging.delete(folder)

    def publish(self, build_id: str) -> None:
        """Make a build current: a reader at the same moment sees the old name or the new one.

        Raises:
            BuildError: There is no such build, or it is damaged; the pointer stays as it was.
        """
        self._make_current(build_id, self._published())

    def _make_current(self, build_id: str, before: Sequence[str]) -> None:
        """Make a build current, and note it behind those that were published before it.

        The note comes first: killed between the two, it names a build behind the current one, which counts
        for nothing and is gone with the next publication.
        """
        with self.open(build_id) as build:
            build.verify()
        self.tidy()
        published.write(self.root, [*(other for other in before if other != build_id), build_id])
        try:
            remember([build.folder / name for name in build.manifest.files], build.note)
            write_durably(self.root / CURRENT, f"{build_id}\n".encode())
        except OSError as problem:
            raise SettingsError(f"cannot write to {self.root} ({problem.strerror})") from problem

    def keep_verdict(self, build_id: str, verdict: GateVerdict) -> bool:
        """Write the verdict of the gate into the manifest of a build that was neither judged nor published.

        This is the only change that a build ever sees: once, and before it answers. A reader at the same
        moment sees the old manifest or the new one.

        Returns:
            Whether it was written; a build that is current or has a verdict stays as it is.

        Raises:
            BuildError: There is no such build, or it is damaged.
            SettingsError: The folder cannot be written to.
        """
        with self.open(build_id) as build:
            if build.manifest.verdict or self._is_current(build_id):
                return False
            self.tidy()
            try:
                replace(build.manifest, verdict=verdict).write(build.folder)
            except OSError as problem:
                raise SettingsError(f"cannot write to {build.folder} ({problem.strerror})") from problem
            return True

    def _is_current(self, build_id: str) -> bool:
        try:
            return build_id == self.current_id()
        except BuildError:
            return False  # nothing answers

    def published_before(self) -> list[str]:
        """Return the builds that were published before the current one and are still here, the last one last.

        Where nothing says which these are, they are those older than the current one that the gate did not
        refuse. Where the pointer is damaged, they are all that were published.

        Raises:
            SettingsError: The home is no folder.
        """
        builds, noted = self.builds(), published.read(self.root, BUILD_ID)
        try:
            current = self.current_id()
        except BuildError:
            current = max(builds, default="") + "~"  # behind every build
        if noted is None:
            return [
                build_id for build_id in builds if build_id < (current or "") and not self._refused(build_id)
            ]
        if current in noted:
            noted = noted[: noted.index(current)]
        return [build_id for build_id in dict.fromkeys(noted) if build_id in builds and build_id != current]

    def _published(self) -> list[str]:
        """Return the builds that were published, up to the current one."""
        before = self.published_before()
        with suppress(BuildError):
            if (current := self.current_id()) in self.builds():
                return [*before, str(current)]
        return before

    def _refused(self, build_id: str) -> bool:
        """Tell whether the gate refused a build; what cannot be read was not."""
        try:
            verdict = manifests.Manifest.read(self.root / build_id).verdict
        except BuildError:
            return False
        return verdict is not None and not verdict.passed

    def predecessor(self) -> str | None:
        """Return the build that was published before the current one, the last that is still here."""
        return next(reversed(self.published_before()), None)

    def rollback(self) -> str:
        """Publish the build that was before the current one, and return its id; again goes further back.

        Raises:
            BuildError: There is none, or it is damaged.
        """
        before = self.published_before()
        if not before:
            raise BuildError(
                f"no build was published before {self.current().manifest.build_id} to roll back to;"
                " publish another one by its id, see: recommend builds"
            )
        self._make_current(before[-1], before[:-1])
        return before[-1]

    def prune(self, keep: int) -> list[str]:
        """Delete old builds, never the current one, its predecessor, or one in use.

        Those that the gate refused do not count among the newest; one is kept while it is newer than the
        current one and the newest of its kind.

        Args:
            keep: How many of the newest builds stay.

        Returns:
            The ids of the deleted builds, oldest first.

        Raises:
            BuildError: No build is current, so that nothing tells which one to spare.
            SettingsError: The folder cannot be written to.
        """
        builds = self.builds()
        if builds and self.current_id() is None:
            raise BuildError(f"no build is published in {self.root}: publish one before others are deleted")
        answered = self._published()
        refused = [build_id for build_id in builds if build_id not in answered and self._refused(build_id)]
        others = [build_id for build_id in builds if build_id not in refused]
        kept = {*answered[-2:], *others[max(0, len(others) - keep) :]}
        kept |= {build_id for build_id in refused[-1:] if build_id > str(self.current_id())}
        self.tidy()
        try:
            pruned = [build_id for build_id in builds if build_id not in kept and self._deleted(build_id)]
        except OSError as problem:
            raise SettingsError(f"cannot delete in {self.root} ({problem.strerror})") from problem
        if pruned:
            published.write(self.root, self._published())
        return pruned

    def models(self) -> set[str] | None:
        """Return the fingerprints of the models that builds name, None where one cannot be read."""
        try:
            return {manifests.Manifest.read(self.root / name).model_fingerprint for name in self.builds()}
        except BuildError:
            return None

    def _deleted(self, build_id: str) -> bool:
        """Delete a build, unless somebody has it open."""
        with unused(self.root / build_id) as is_unused:
            if is_unused:
                doomed = staging.folder_of(self.root, build_id)  # hidden first: a crash leaves no half build
                (self.root / build_id).rename(doomed)
                self._drop(doomed)
                shutil.rmtree(doomed)
                (self.root / CHECKED / f"{build_id}.json").unlink(missing_ok=True)
        return is_unused

    def _drop(self, folder: Path) -> None:
        from recommender.index import engine_named

        try:
            engine = engine_named(manifests.Manifest.read(folder).engine)
        except (BuildError, SettingsError):
            return  # a damaged build names no engine, and one of another version holds nothing for us
        engine.drop(folder)
