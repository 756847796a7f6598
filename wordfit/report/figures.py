"""Figures as plain data for plotly: curves, bars, heat maps, points. No plotly is imported here.

A colour is the name of a CSS variable (`var(--c1)`), so that the page decides it, light or dark. Text goes
through `label`, since plotly reads tags in it and a vocabulary holds words like `<unk>`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Figure = dict[str, Any]
"""`data`: traces, `layout`: plotly's layout, `alt`: what it shows in one sentence, `wide`: over the whole column."""

COLOURS = [f"var(--c{i})" for i in range(1, 8)]  # Okabe and Ito's, told apart by colour-blind readers too
DASHES = ["solid", "dash", "dot", "dashdot"]
SYMBOLS = ["circle", "square", "diamond", "triangle-up", "x", "cross", "star"]
HEAT = [[i / 4, f"var(--heat{i})"] for i in range(5)]
ROW = 22  # pixels of one horizontal bar


def label(text: Any, limit: int = 34) -> str:
    """Text that plotly shows as it stands, shortened in the middle of nowhere: at its end."""
    text = str(text)
    text = text if len(text) <= limit else text[: limit - 1] + "\u2026"
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis in the page's colours."""
    return {
        "title": {"text": title, "standoff": 8, "font": {"size": 13, "color": "var(--faint)"}},
        "gridcolor": "var(--grid)",
        "linecolor": "var(--rule)",
        "zeroline": False,
        "automargin": True,
        "ticks": "",
        **more,
    }


def log_axis(values: Sequence[Any]) -> dict[str, Any]:
    """What makes an axis logarithmic, with a tick for each power of ten where the values span several."""
    known = [v for v in values if v]
    wide = bool(known) and max(known) >= 20 * min(known)
    return {"type": "log", "dtick": 1} if wide else {"type": "log"}


def categories(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis of names; a class called 1 stays a name."""
    return axis(title, type="category", showgrid=False, **more)


def figure(traces: list[dict[str, Any]], alt: str, height: int = 320, **layout: Any) -> Figure:
    """Traces with the layout that all figures share."""
    base = {
        "height": height,
        "margin": {"l": 8, "r": 12, "t": 34 if len(traces) > 1 else 12, "b": 8},
        "font": {"family": "var(--sans)", "size": 13, "color": "var(--text)"},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"bgcolor": "var(--raised)", "bordercolor": "var(--rule)", "font": {"color": "var(--text)"}},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "xanchor": "left"},
        "showlegend": len(traces) > 1,
        "dragmode": False,
        "xaxis": axis(),
        "yaxis": axis(),
    }
    return {"data": traces, "layout": {**base, **layout}, "alt": alt, "wide": False}


def curves(
    series: Mapping[str, tuple[Sequence[Any], Sequence[Any]]],
    x: str,
    y: str,
    alt: str,
    bands: Mapping[str, tuple[Sequence[Any], Sequence[Any]]] | None = None,
    **layout: Any,
) -> Figure:
    """Lines over a common axis, by name; `bands` holds low and high of an interval, by the same names."""
    traces = []
    for i, (name, (xs, ys)) in enumerate(series.items()):
        trace = {
            "type": "scatter",
            "mode": "lines+markers" if len(xs) <= 60 else "lines",
            "name": label(name, 40),
            "x": list(xs),
            "y": list(ys),
            "line": {"color": COLOURS[i % len(COLOURS)], "width": 2, "dash": DASHES[i % len(DASHES)]},
            "marker": {"symbol": SYMBOLS[i % len(SYMBOLS)], "size": 6},
        }
        if bands and name in bands:
            trace["error_y"] = interval(ys, *bands[name])
        traces.append(trace)
    return figure(traces, alt, **{"xaxis": axis(x), "yaxis": axis(y), **layout})


def interval(middle: Sequence[Any], low: Sequence[Any], high: Sequence[Any]) -> dict[str, Any]:
    """Error bars from the ends of an interval; where an end is missing there is no bar."""
    up = [None if m is None or h is None else h - m for m, h in zip(middle, high)]
    down = [None if m is None or l is None else m - l for m, l in zip(middle, low)]
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1, "width": 3}


def bars(
    names: Sequence[Any],
    series: Mapping[str, Sequence[Any]],
    x: str,
    alt: str,
    stacked: bool = False,
    text: Sequence[str] | None = None,
    colours: Sequence[str] | None = None,
    form: str = "",
) -> Figure:
    """Horizontal bars, one row a name, first name on top; `form` is a number format of d3 (`.0%`)."""
    traces = []
    for i, (name, values) in enumerate(series.items()):
        trace = {
            "type": "bar",
            "orientation": "h",
            "name": label(name, 40),
            "y": [label(n) for n in names],
            "x": list(values),
            "marker": {"color": list(colours) if colours else COLOURS[i % len(COLOURS)]},
            "hovertemplate": "%{y}: %{x" + (f":{form}" if form else "") + "}<extra>%{fullData.name}</extra>",
        }
        if text is not None:
            trace |= {"text": list(text), "textposition": "inside", "insidetextanchor": "start"}
            trace["insidetextfont"] = {"color": "var(--page)"}
        traces.append(trace)
    legend = 20 * max(0, len(series) - 2)  # in a narrow window its names stand below each other
    height = 84 + legend + ROW * len(names) * (1 if stacked else len(series))
    return figure(
        traces,
        alt,
        height=max(140, height),
        barmode="stack" if stacked else "group",
        bargap=0.25,
        xaxis=axis(x, tickformat=form),
        yaxis=categories(autorange="reversed"),
    )


def heat(
    values: Sequence[Sequence[Any]],
    rows: Sequence[Any],
    columns: Sequence[Any],
    alt: str,
    x: str = "",
    y: str = "",
    text: Sequence[Sequence[str]] | None = None,
    hover: str = "%{y} / %{x}: %{z}",
    height: int = 0,
) -> Figure:
    """A heat map; its first row is on top. The dark end is the large one."""
    trace = {
        "type": "heatmap",
        "z": [list(row) for row in values],
        "x": [label(c, 18) for c in columns],
        "y": [label(r, 18) for r in rows],
        "colorscale": HEAT,
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
        "hovertemplate": hover + "<extra></extra>",
    }
    if text is not None:
        trace |= {"text": [list(row) for row in text], "texttemplate": "%{text}"}
    return figure(
        [trace],
        alt,
        height=height or 110 + 30 * max(3, min(len(rows), 24)),
        xaxis=categories(x, side="bottom"),
        yaxis=categories(y, autorange="reversed"),
    )


def cell(
    text: str, level: float | None = None, note: str = "", link: str = "", title: str = "", degenerate: bool = False
) -> dict[str, Any]:
    """A cell of a table that is shaded by `level` from 0 to 1: a heat map whose cells can be read and followed."""
    return {"text": text, "level": level, "note": note, "link": link, "title": title, "degenerate": degenerate}


def points(groups: dict[str, dict[str, list[Any]]], x: str, y: str, alt: str, size: int = 9, **layout: Any) -> Figure:
    """Points by group, each with `x`, `y` and if known `text` (shown on hover), `links`, `low`, `high`."""
    traces = []
    for i, (name, group) in enumerate(groups.items()):
        trace = {
            "type": "scatter",
            "mode": "markers",
            "name": label(name, 40),
            "x": group["x"],
            "y": group["y"],
            "marker": {"color": COLOURS[i % len(COLOURS)], "symbol": SYMBOLS[i % len(SYMBOLS)], "size": size},
        }
        if "text" in group:
            trace |= {"text": [label(t, 90) for t in group["text"]], "hovertemplate": "%{text}<extra></extra>"}
        if "links" in group:
            trace["customdata"] = group["links"]
        if "low" in group:
            trace["error_y"] = interval(group["y"], group["low"], group["high"])
        traces.append(trace)
    return figure(traces, alt, **{"xaxis": axis(x), "yaxis": axis(y), **layout})
