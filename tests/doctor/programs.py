"""Render the doctor's test programs: one file holds a faulty program and its mended twin.

A fault is a block `# fault:` / faulty lines / `# mended:` / the mended lines, commented out / `# end`.
Programs of the folder `healthy` have no block. Names ending in `_heldback` are kept from tuning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "programs"
MARKER = re.compile(r"\s*#\s*(fault:|mended:|end)\s*$")
COMMENT = re.compile(r"^(\s*)#( ?)(.*)$")


def render(path: Path | str, variant: str) -> str:
    """The program as people would write it, `faulty` or `mended`, without the markers."""
    if variant not in ("faulty", "mended"):
        raise ValueError(f"expected 'faulty' or 'mended', found {variant!r}")
    out: list[str] = []
    part = ""
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), start=1):
        if marker := MARKER.match(line):
            part = _next_part(path, number, part, marker.group(1))
        elif part == "fault:":
            out += [line] if variant == "faulty" else []
        elif part == "mended:":
            out += [_uncomment(path, number, line)] if variant == "mended" and line.strip() else []
        else:
            out.append(line)
    if part:
        raise ValueError(f"{path}: a block is not closed by '# end'")
    return "\n".join(out) + "\n"


def _next_part(path: Path | str, number: int, part: str, marker: str) -> str:
    follows = {"": "fault:", "fault:": "mended:", "mended:": "end"}[part]
    if marker != follows:
        raise ValueError(f"{path}, line {number}: expected '# {follows}', found '# {marker}'")
    return "" if marker == "end" else marker


def _uncomment(path: Path | str, number: int, line: str) -> str:
    if (found := COMMENT.match(line)) is None:
        raise ValueError(f"{path}, line {number}: a mended line must be commented out, found {line!r}")
    indent, _, code = found.groups()
    return indent + code if code.strip() else ""


@dataclass(frozen=True)
class Program:
    """One program to judge: its file, the planted cause (empty for healthy) and the variant to run."""

    path: Path
    cause: str
    variant: str

    @property
    def heldback(self) -> bool:
        """Kept from tuning."""
        return self.path.stem.endswith("_heldback")

    @property
    def name(self) -> str:
        """Folder, file and variant."""
        return f"{self.path.parent.name}/{self.path.stem}:{self.variant}"

    def source(self) -> str:
        """The text to run."""
        return render(self.path, "faulty" if self.variant == "faulty" else "mended")


def programs(folder: Path = FOLDER) -> list[Program]:
    """Every program in both variants; the healthy ones once."""
    found = []
    for path in sorted(folder.glob("*/*.py")):
        cause = path.parent.name
        if cause == "healthy":
            found.append(Program(path, "", "healthy"))
        else:
            found += [Program(path, cause, "faulty"), Program(path, cause, "mended")]
    return found
