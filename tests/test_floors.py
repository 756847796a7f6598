"""Imports go down only: the floors of the architecture, drawn and kept."""

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "wordfit"
FLOORS = [
    ["cli"],
    ["report"],
    ["selection", "glue"],
    ["training", "glove"],
    ["models", "doctor"],
    ["embedding"],
    ["vectors", "data", "record"],
    ["files"],
    ["errors", "lazy"],
]
LEVEL = {room: len(FLOORS) - depth for depth, floor in enumerate(FLOORS) for room in floor}
LEFT_OUT = {"__init__", "__main__"}  # the lazy list of public names, and `python -m wordfit`


def room_of(file: Path) -> str:
    part = file.relative_to(PACKAGE).parts[0]
    return part.removesuffix(".py")


def imported_rooms(source: str) -> set[str]:
    """Every room of the package that a file imports, at its top or inside a function."""
    rooms = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError("a relative import hides the floor it goes to")
            names = [
                f"{node.module}.{alias.name}" if node.module == "wordfit" else str(node.module) for alias in node.names
            ]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        rooms |= {name.split(".")[1] for name in names if name.startswith("wordfit.")}
    return rooms - {"__version__"}


def upward(room: str, source: str) -> list[str]:
    return [other for other in imported_rooms(source) if other != room and LEVEL[other] >= LEVEL[room]]


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_imports_go_down_only(file):
    room = room_of(file)
    if room in LEFT_OUT:
        return
    assert room in LEVEL, f"{room} has no floor: add it to FLOORS and to the README"
    assert upward(room, file.read_text(encoding="utf-8")) == [], f"floors, top to bottom: {FLOORS}"


def test_an_upward_import_is_seen():
    assert upward("embedding", "from wordfit.training.trainer import Trainer") == ["training"]
    assert upward("doctor", "def f():\n    import wordfit.models.encoders") == ["models"]
    assert upward("training", "from wordfit import embedding") == []


# the doctor's experiments, top to bottom: each room may use those below it
EXPERIMENTS = ["tables", "texts", "steps", "answers"]


@pytest.mark.parametrize(
    "file", sorted((PACKAGE / "doctor" / "experiments").rglob("*/*.py")), ids=lambda f: f"{f.parent.name}/{f.name}"
)
def test_experiments_use_the_rooms_below_theirs(file):
    source = file.read_text(encoding="utf-8")
    used = set(re.findall(r"wordfit\.doctor\.experiments\.(\w+)", source))
    assert used <= set(EXPERIMENTS[EXPERIMENTS.index(file.parent.name) :]), f"rooms, top to bottom: {EXPERIMENTS}"
