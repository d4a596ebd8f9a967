"""Write scripts/requirements.lock: every pin of constraints.txt with the SHA-256 of its file.

    python scripts/lock.py

For Linux on x86-64, the Python that runs this, and PyTorch's CPU packages. It asks the package index that pip
is set up with, which needs the network; pip fetches little more than what describes a package. Then

    pip install --require-hashes --no-deps -r scripts/requirements.lock && pip install --no-deps .

installs these very files or nothing.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PINS, LOCK = HERE / "constraints.txt", HERE / "requirements.lock"
HEAD = "# By scripts/lock.py, for Linux on x86-64 and Python {version}: these very files, or none.\n"


def pins(text: str) -> dict[str, str]:
    """Return the version of each package, by the name in its one spelling (PEP 503)."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    found = (line.split(" ")[0].split("==") for line in lines if "==" in line)
    return {one_spelling(name): version for name, version in found}


def one_spelling(name: str) -> str:
    """Return the name of a package as indexes spell it.

    >>> one_spelling("Jinja2"), one_spelling("typing_extensions")
    ('jinja2', 'typing-extensions')
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def hashes(constraints: Path) -> dict[str, str]:
    """Return the SHA-256 of the file that pip would install of each pin."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps"]
        subprocess.run([*command, "--quiet", "--report", report, "-r", constraints], check=True)  # noqa: S603
        entries = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        one_spelling(entry["metadata"]["name"]): entry["download_info"]["archive_info"]["hashes"]["sha256"]
        for entry in entries
    }


def main() -> None:
    """Write the lock."""
    wanted, found = pins(PINS.read_text(encoding="utf-8")), hashes(PINS)
    if wanted.keys() != found.keys():
        raise SystemExit(f"lock: no file was found for {sorted(wanted.keys() ^ found.keys())}")
    lines = [f"{name}=={wanted[name]} --hash=sha256:{found[name]}\n" for name in sorted(wanted)]
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    LOCK.write_text(HEAD.format(version=version) + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
