"""Write one HTML page that needs nothing beside it: sections of text, tables and figures, and plotly once.

Plotly's JavaScript is packed with gzip and unpacked by the browser, 2 MB instead of 5. What a section says is
in `templates/sections`, what it shows is made by a function from plain data.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from wordfit import __version__
from wordfit.files import write_whole
from wordfit.report.figures import Figure
from wordfit.report.wording import FILTERS, strength

Data = Mapping[str, Any]
Section = tuple[str, str, Callable[[Any], "dict[str, Any] | None"]]
"""Its template's name, its heading, and what it shows of the data: None where they hold nothing for it."""


def write_page(
    path: str | os.PathLike[str], title: str, opening: Mapping[str, Any], sections: list[Section], data: Any
) -> None:
    """Render the sections that the data fill and write the page, whole or not at all.

    `opening` has `kicker`, `sentence`, `key_figures` (rows of value, name and note) and `links`, all but the
    sentence optional.
    """
    shown = [(name, heading, view) for name, heading, make in sections if (view := make(data)) is not None]
    html = (
        environment()
        .get_template("page.html")
        .render(title=title, opening=opening, sections=shown, version=__version__, plotly=packed_plotly)
    )
    with write_whole(path) as file:
        file.write(html)


@cache
def environment() -> Environment:
    """The templates of the package; all text is escaped, and a name that is missing stops the work."""
    env = Environment(
        loader=PackageLoader("wordfit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= FILTERS
    env.filters["figure"] = figure_json
    env.globals["strength"] = strength
    env.globals["inline"] = inline
    return env


def inline(name: str) -> Markup:
    """A style sheet or script of the package, word for word."""
    return Markup((files("wordfit.report") / "templates" / name).read_text(encoding="utf-8"))


def figure_json(figure: Figure) -> Markup:
    """A figure inside a script element: no `<` can close it."""
    text = json.dumps({"data": figure["data"], "layout": figure["layout"]}, ensure_ascii=False, allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))


@cache
def packed_plotly() -> Markup:
    """Plotly's JavaScript as the Python package carries it (the full bundle, it has no other), gzip in base64."""
    script = (files("plotly") / "package_data" / "plotly.min.js").read_bytes()
    return Markup(base64.b64encode(gzip.compress(script, 6, mtime=0)).decode("ascii"))
