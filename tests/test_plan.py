"""The plan for hundreds of millions of papers: its arithmetic, and what the product predicts."""

import re
from pathlib import Path

import pytest

from recommender.builds.needs import Needs

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts/README.md"
MEASURED = 1_000_000  # papers that the rates are of
SIZES = (100_000_000, 250_000_000)
UNITS = {"µs": 1e-6, "B": 1.0, "h": 3600.0, "GB": 1e9, "TB": 1e12}
ROUNDED = 0.06  # of a figure of two digits


def chapter():
    text = SCRIPTS.read_text(encoding="utf-8")
    return text.partition("\n## Hundreds of millions")[2].partition("\n## ")[0]


def rows():
    lines = [line for line in chapter().splitlines() if re.search(r"\| n(√n)? \|", line)]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def amount(cell):
    value, unit = re.fullmatch(r"([\d.,]+) (\S+)", cell).groups()
    return float(value.replace(",", "")) * UNITS[unit]


@pytest.mark.parametrize("place", [0, 1])
def test_every_figure_of_the_plan_follows_from_the_measured_one(place):
    assert len(rows()) >= 8
    for name, measured, grows, *planned in rows():
        n = SIZES[place]
        factor = {"n": 1.0, "n√n": (n / MEASURED) ** 0.5}[grows]
        assert amount(planned[place]) == pytest.approx(amount(measured) * n * factor, rel=ROUNDED), name


@pytest.mark.parametrize("place", [0, 1])
def test_the_hours_add_up(place):
    hours = [amount(row[3 + place]) for row in rows() if row[1].endswith("µs")]
    told = re.search(r"^\| core hours, all \|.*$", chapter(), re.M)[0].split("|")[4 + place].strip()
    assert amount(told) == pytest.approx(sum(hours), rel=ROUNDED)


def test_memory_and_disk_are_what_the_product_predicts():
    predicted = {name: measured for name, measured, *_ in rows() if "as predicted" in name}
    needs = Needs.of(1_000_000, 256)
    assert {name.split()[0]: amount(measured) for name, measured in predicted.items()} == {
        "memory": needs.memory / 1e6,
        "disk": needs.disk / 1e6,
    }
