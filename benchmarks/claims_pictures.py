"""Small SVG pictures for `docs/claims.md`: points with intervals, and lines. No library, a few kilobytes each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, ROW, LEFT, RIGHT, TOP = 640, 22, 210, 24, 34
COLOURS = ["#2c6fbb", "#c8553d", "#4f8a4b", "#8a5fa8", "#b3872d"]


@dataclass(frozen=True)
class Dot:
    """A row of a picture: a value with its interval."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    colour: int = 0


def dots(rows: Sequence[Dot], title: str, axis: str, zero: float | None, path: Path, form: str = "{:.2f}") -> None:
    """One row a name, its value on a common axis; a dotted line at `zero`."""
    ends = [x for row in rows for x in (row.value, row.low, row.high) if x is not None and abs(x) < float("inf")]
    ends += [zero] if zero is not None else []
    low, high = min(ends), max(ends)
    room = (high - low or 1.0) * 0.06
    low, high = low - room, high + room

    def x(value: float) -> float:
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    height = TOP + ROW * len(rows) + 36
    parts = [_text(8, 18, title, weight=600)]
    if zero is not None:
        parts.append(f'<path d="M{x(zero):.1f} {TOP - 6}V{height - 34}" stroke="#888" stroke-dasharray="3 3"/>')
    for i, row in enumerate(rows):
        y, colour = TOP + ROW * i + 8, COLOURS[row.colour % len(COLOURS)]
        parts.append(_text(LEFT - 10, y + 4, row.name, anchor="end"))
        if row.low is not None and row.high is not None and row.high - row.low < float("inf"):
            parts.append(f'<path d="M{x(row.low):.1f} {y}H{x(row.high):.1f}" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x(row.value):.1f}" cy="{y}" r="4" fill="{colour}"/>')
    parts += _axis(x, low, high, height, axis, form)
    _write(path, parts, height, title)


def lines(series: dict[str, list[Dot]], title: str, axis: str, path: Path, form: str = "{:.3f}") -> None:
    """A line a name over the same steps (each dot's `name`), from left to right."""
    names = list(dict.fromkeys(dot.name for dots_ in series.values() for dot in dots_))
    ends = [x for dots_ in series.values() for d in dots_ for x in (d.value, d.low, d.high) if x is not None]
    low, high = min(ends), max(ends)
    room = (high - low or 1.0) * 0.08
    low, high, height = low - room, high + room, 300

    def at(name: str) -> float:
        return 70 + names.index(name) * (WIDTH - 230) / max(1, len(names) - 1)

    def y(value: float) -> float:
        return height - 40 - (value - low) / (high - low) * (height - 90)

    parts = [_text(8, 18, title, weight=600), _text(8, 38, axis, colour="#666")]
    parts += [_text(at(name), height - 16, name, anchor="middle") for name in names]
    for value in (low + room, (low + high) / 2, high - room):
        parts.append(f'<path d="M60 {y(value):.1f}H{WIDTH - 150}" stroke="#ddd"/>')
        parts.append(_text(54, y(value) + 4, form.format(value), anchor="end", colour="#666"))
    for i, (label, dots_) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        way = "L".join(f"{at(d.name) + 3 * i:.1f} {y(d.value):.1f}" for d in dots_)
        parts.append(f'<path d="M{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for d in dots_:
            parts.append(f'<circle cx="{at(d.name) + 3 * i:.1f}" cy="{y(d.value):.1f}" r="3.5" fill="{colour}"/>')
            if d.low is not None and d.high is not None:
                bar = f"M{at(d.name) + 3 * i:.1f} {y(d.low):.1f}V{y(d.high):.1f}"
                parts.append(f'<path d="{bar}" stroke="{colour}"/>')
        parts.append(_text(WIDTH - 140, 60 + 20 * i, label, colour=colour))
    _write(path, parts, height, title)


def _axis(x, low: float, high: float, height: int, axis: str, form: str) -> list[str]:
    parts = [f'<path d="M{LEFT} {height - 34}H{WIDTH - RIGHT}" stroke="#bbb"/>']
    for i in range(5):
        value = low + (high - low) * (i + 0.5) / 5
        parts.append(_text(x(value), height - 20, form.format(value), anchor="middle", colour="#666"))
    return [*parts, _text((LEFT + WIDTH) / 2, height - 5, axis, anchor="middle", colour="#666")]


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#222", weight: int = 400) -> str:
    style = f'text-anchor="{anchor}" fill="{colour}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(text)}</text>'


def _write(path: Path, parts: list[str], height: int, title: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
    head += f'font-family="sans-serif" font-size="12" role="img" aria-label="{escape(title)}">'
    back = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    path.write_text("\n".join([head, back, *parts, "</svg>"]) + "\n", "utf-8")
