"""Model folders: finding one, trusting one, telling one from another."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recommender.errors import ModelError
from recommender.settings import bundled

DESCRIPTIVE = {".md", ".toml"}  # files that do not decide a vector
FINGERPRINT_DIGITS = 16
SUMS = "SHA256SUMS"  # of the bundled models, as `sha256sum --check` reads them
LARGEST_JSON = 1_000_000  # bytes of a file of settings
NOT_NEEDED = ["*.bin", "*.h5", "*.ot", "*.msgpack", "*.onnx", "onnx/*", "openvino/*"]


def find_model(model: str, *, allow_download: bool, own: Path | None = None) -> Path:
    """Return the folder of a model, given its bundled name, its own name, its folder or its hub name.

    A hub name is looked up among what was downloaded before; only `allow_download` fetches it.

    Args:
        model: A bundled model comes first, then an own one, then a folder.
        allow_download: Fetch it from the hub if it is not here.
        own: The folder of the models that were trained here; None: there are none.

    Raises:
        ModelError: There is no such model here.
    """
    is_name = Path(model).name == model and not model.startswith(".")
    for models in (bundled("models"), own):
        if is_name and models and (models / model).is_dir():
            return models / model
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder.resolve()
    if folder.exists():
        raise ModelError(f"{model} is a file; a model is a folder that SentenceTransformer can load")
    if folder.is_absolute() or model.startswith((".", "~")):
        raise ModelError(f"there is no model folder {model}")
    here = f"none of the bundled ({_names(bundled('models'))})"
    if own and own.is_dir() and (trained := _names(own)):
        here += f" or trained here ({trained})"
    return _from_hub(model, here, allow_download=allow_download)


def _names(models: Path) -> str:
    return ", ".join(
        sorted(path.name for path in models.iterdir() if path.is_dir() and not path.name.startswith("."))
    )


def _from_hub(model: str, here: str, *, allow_download: bool) -> Path:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # read when the library is loaded
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    name = model if "/" in model else f"sentence-transformers/{model}"
    try:
        found = snapshot_download(name, local_files_only=not allow_download, ignore_patterns=NOT_NEEDED)
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as problem:
        tried = "it could not be downloaded" if allow_download else "it was never downloaded"
        hint = "" if allow_download else "; --allow-download fetches it from the model hub"
        raise ModelError(f"no model {model!r}: it is {here}, no folder, and {tried}{hint}") from problem
    return Path(found)


def module_types(folder: Path) -> list[str]:
    """Return the class names of a SentenceTransformer folder's modules, in order.

    Raises:
        ModelError: The folder is no model, wants foreign code, or holds its weights in pickles only.
    """
    listing = folder / "modules.json"
    if not listing.exists():
        raise ModelError(f"{folder} is not a SentenceTransformer folder: modules.json is missing")
    try:
        types = [str(entry["type"]) for entry in json_of(listing)]
    except (KeyError, TypeError) as problem:
        raise ModelError(f"{listing} cannot be read: {problem}") from problem
    foreign = [name for name in types if not name.startswith("sentence_transformers.")]
    if foreign:
        raise ModelError(f"{folder} wants the foreign code {foreign[0]}, which is never run")
    if not any(folder.rglob("*.safetensors")):
        raise ModelError(f"{folder} has no *.safetensors; pickled weights are never loaded")
    return [name.rpartition(".")[2] for name in types]


def json_of(path: Path) -> Any:
    """Return what a file of settings says.

    Raises:
        ModelError: It cannot be read, is no JSON, or is too long for settings.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_JSON + 1)
        if len(content) > LARGEST_JSON:
            raise ModelError(f"{path} cannot be read: it has more than {LARGEST_JSON} bytes")
        return json.loads(content.decode("utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise ModelError(f"{path} cannot be read: {problem}") from problem


def files_of(folder: Path) -> Iterator[Path]:
    """Yield every file that decides a vector, in a fixed order."""
    for path in sorted(folder.rglob("*")):
        is_hidden = path.relative_to(folder).parts[0].startswith(".")
        if path.is_file() and path.suffix not in DESCRIPTIVE and not is_hidden:
            yield path


def fingerprint(folder: Path) -> str:
    """Return a short digest of every file that decides a vector, names included.

    Raises:
        ModelError: A file cannot be read, or a bundled model is not as it was shipped.
    """
    total = hashlib.sha256()
    digests = {path.relative_to(folder).as_posix(): digest(path) for path in files_of(folder)}
    _compare(folder, digests)
    for name, found in digests.items():
        total.update(f"{name}\0{found}\n".encode())
    return total.hexdigest()[:FINGERPRINT_DIGITS]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file of a model.

    Raises:
        ModelError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise ModelError(f"{path} cannot be read: {problem.strerror}") from problem


def _compare(folder: Path, digests: dict[str, str]) -> None:
    """Hold the files of a bundled model against the sums that ship with it; other folders have none."""
    if folder.parent.resolve() != bundled("models"):
        return
    shipped = {}
    for line in bundled("models", SUMS).read_text(encoding="utf-8").splitlines():
        sha256, _, name = line.partition("  ")
        if name.startswith(f"{folder.name}/"):
            shipped[name.removeprefix(f"{folder.name}/")] = sha256
    if not shipped:
        return  # a model that somebody put beside the bundled ones
    for name in sorted(shipped.keys() | digests.keys()):
        if digests.get(name) != shipped.get(name):
            what = "is not the file" if name in digests and name in shipped else "was added or is missing"
            raise ModelError(
                f"{folder / name} {what} that ships with this version ({SUMS}); install recommender again"
            )
