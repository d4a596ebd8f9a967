"""`recommend rebuild | builds | publish | rollback | verify | prune`."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from recommender.builds import BuildStore, Manifest
from recommender.builds.store import CURRENT
from recommender.choices import made_with
from recommender.errors import BuildError, UsageError
from recommender.presentation import journal
from recommender.presentation.cli import options as o
from recommender.presentation.cli.corpus import note_import
from recommender.presentation.cli.progress import StageProgress
from recommender.presentation.cli.table import note, show_rows
from recommender.presentation.terminal import how_many
from recommender.settings import DEFAULT_ENGINE, DEFAULT_RECALL, Settings
from recommender.workspace import Workspace


def rebuild(
    files: o.OptionalFiles = None,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Make the new build the one that answers.")
    ] = True,
    force: Annotated[bool, typer.Option("--force", help="Make a new build even if nothing changed.")] = False,
    on_error: o.Errors = o.OnError.stop,
    replace: o.Replace = False,
    reader: o.Reader = None,
    model: o.Model = None,
    allow_download: o.AllowDownload = False,
    engine: o.Engine = None,
    recall: o.Recall = None,
    memory: o.Memory = None,
    workers: o.Workers = None,
    home: o.Home = None,
) -> None:
    """Import FILES, then make a new build of the whole library and publish it."""
    if replace and not files:
        raise UsageError("--replace needs the files that the library shall consist of")
    given = {"model": model, "engine": engine, "recall": recall, "memory": memory, "workers": workers}
    workspace = Workspace(Settings.read(os.environ, home=home, **given))
    before = workspace.published()
    why = _why_this_model(workspace, allow_download=allow_download)
    with StageProgress() as progress, workspace.writing():
        if files:
            note_import(
                workspace.import_files(
                    files,
                    report=on_error is o.OnError.report,
                    replace=replace,
                    reader=reader,
                    on_stage=progress,
                )
            )
        rebuilt = workspace.rebuild(
            on_stage=progress, publish=publish, force=force, allow_download=allow_download
        )
    manifest = rebuilt.manifest
    note(f"model {manifest.model}{why}")
    _note_engine(workspace, manifest)
    if before and before.model_fingerprint != manifest.model_fingerprint:
        note(f"the model changes from {before.model} to {manifest.model}")
    if rebuilt.unchanged:
        note(f"nothing has changed since build {manifest.build_id}: nothing embedded, no new build made")
    elif rebuilt.made_before:
        judged = manifest.verdict.summary if manifest.verdict else "not judged"
        note(
            f"build {manifest.build_id} was made of the very same before (gate: {judged}):"
            " nothing embedded, no new build made"
        )
    else:
        if rebuilt.gone_on_from:
            note(f"went on where a killed rebuild had ended, after: {', '.join(rebuilt.gone_on_from)}")
        note_counts(workspace, manifest.build_id, rebuilt.n_fresh)
    journal.tell(
        "build", build=manifest.build_id, papers=manifest.n_papers, embedded=rebuilt.n_fresh,
        model=manifest.model, unchanged=rebuilt.unchanged, made_before=rebuilt.made_before,
    )  # fmt: skip
    is_current = publish or rebuilt.unchanged
    if publish and not rebuilt.unchanged:
        journal.tell("published", build=manifest.build_id, before=before.build_id if before else None)
    note(f"build {manifest.build_id} is {'current' if is_current else 'ready, not published'}")
    typer.echo(manifest.build_id)


def _why_this_model(workspace: Workspace, *, allow_download: bool) -> str:
    """Return why a rebuild takes the model that it takes; empty: because it is named.

    Raises:
        ModelError: None is named, and that of the current build is gone.
    """
    workspace.choices(allow_download=allow_download)
    if workspace.settings.model:
        return ""
    if made_with(workspace.store):
        return ", that of the build before; another one: --model NAME"
    unread = (workspace.store.root / CURRENT).exists()
    return f", the default{': that of the current build cannot be read' if unread else ''}"


def _note_engine(workspace: Workspace, manifest: Manifest) -> None:
    """Say which engine a rebuild took, and what it was to find, where that was chosen for a build before."""
    chosen, kept = workspace.settings, "that of the build before; another one:"
    if not chosen.engine and manifest.engine != DEFAULT_ENGINE:
        note(f"engine {manifest.engine}, {kept} --engine NAME")
    if chosen.recall is None and manifest.recall_target != DEFAULT_RECALL:
        note(f"recall {manifest.recall_target:g}, {kept} --recall SHARE")


def note_counts(workspace: Workspace, build_id: str, n_fresh: int) -> None:
    """Say what a new build holds, and what was done with texts that are longer than the model reads."""
    manifest = workspace.store.open(build_id).manifest
    known = manifest.n_papers - n_fresh
    note(
        f"{how_many(manifest.n_papers, 'paper')} in the build: {how_many(n_fresh, 'text')} embedded,"
        f" {known:,} known from before or copies; {manifest.n_blank:,} without text,"
        f" {manifest.n_rejected:,} rejected"
    )
    if n := manifest.n_windowed:
        note(
            f"{how_many(n, 'text')} {'is' if n == 1 else 'are'} longer than the model reads at once: read in"
            " windows, whose mean is the vector; nothing was cut off"
        )


def builds(as_json: o.Json = False, home: o.Home = None) -> None:
    """List the builds, newest first, with the verdict of the gate; * is the one that answers.

    < is the one that a rollback returns to.
    """
    store = _workspace(home).store
    current, previous = None, store.predecessor()
    try:
        current = store.current_id()
    except BuildError as problem:
        note(str(problem))
    manifests, others = _manifests(store)
    if as_json:
        listed: list[dict[str, object]] = [asdict(manifest) for manifest in manifests]
        listed += [{"build_id": name, "problem": why} for name, why in others]
        for entry in listed:
            entry |= {"current": entry["build_id"] == current, "previous": entry["build_id"] == previous}
        typer.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    rows = []
    for manifest in manifests:
        build_id = manifest.build_id
        mark = "*" if build_id == current else "<" if build_id == previous else ""
        languages = " ".join(f"{name}:{count}" for name, count in [*manifest.languages.items()][:5])
        if manifest.verdict:
            languages += f"\n{manifest.verdict.summary}"  # a column more would cut off the ids
        model = Path(manifest.model).name
        rows.append((mark, build_id, f"{manifest.n_papers:,}", model, manifest.engine, languages))
    if not rows and not others:
        note(f"no builds in {store.root}; make one with: recommend rebuild FILES")
    for name, why in others:
        note(f"build {name}{' (current)' if name == current else ''}: {why}")
    show_rows(("", "build", "papers", "model", "engine", "languages, gate"), rows)


def _manifests(store: BuildStore) -> tuple[list[Manifest], list[tuple[str, str]]]:
    """Return the manifests of all builds, newest first, and why the others cannot be read."""
    manifests, others = [], []
    for build_id in reversed(store.builds()):
        try:
            manifests.append(store.open(build_id).manifest)
        except BuildError as problem:
            others.append((build_id, str(problem)))
    return manifests, others


def publish(build_id: o.BuildId, home: o.Home = None) -> None:
    """Verify a build and make it the one that answers."""
    workspace = _workspace(home)
    with workspace.writing():
        workspace.store.publish(build_id)
    _note_refusal(workspace, build_id)
    journal.tell("published", build=build_id)
    note(f"build {build_id} is current")


def _note_refusal(workspace: Workspace, build_id: str) -> None:
    """Say of a build that is made current that the gate had refused it."""
    verdict = workspace.store.open(build_id).manifest.verdict
    if verdict and not verdict.passed:
        note(f"the gate had refused build {build_id}: {'; '.join(verdict.reasons)}; back: recommend rollback")


def rollback(home: o.Home = None) -> None:
    """Return to the build that was published before the current one; again goes further back."""
    workspace = _workspace(home)
    with workspace.writing():
        build_id = workspace.store.rollback()
    journal.tell("published", build=build_id, rolled_back=True)
    note(f"build {build_id} is current")


def verify(build_id: o.OptionalBuildId = None, home: o.Home = None) -> None:
    """Check every file of a build against its digest, and the build against itself."""
    store = _workspace(home).store
    build = store.open(build_id) if build_id else store.current()
    build.verify()
    journal.tell("verified", build=build.manifest.build_id)
    note(f"build {build.manifest.build_id} is whole: {build.manifest.n_papers:,} papers")


def prune(
    keep: Annotated[int, typer.Option("--keep", min=1, help="How many of the newest builds to keep.")] = 7,
    home: o.Home = None,
) -> None:
    """Delete old builds; never the current one or the one published before it.

    Builds that the gate refused do not count among the newest; the last one stays until another is published.
    """
    workspace = _workspace(home)
    with workspace.writing():
        pruned, models = workspace.prune(keep)
    journal.tell("pruned", builds=pruned, models=models or None)
    note(f"builds deleted: {', '.join(pruned) or 'none'}")
    if models:
        note(f"cached vectors deleted, of models that no build has any more: {', '.join(models)}")


def _workspace(home: Path | None) -> Workspace:
    return Workspace(Settings.read(os.environ, home=home))
