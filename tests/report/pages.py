"""Every kind of page from the small records, by name; and a page as a reader sees it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests.report import records
from wordfit.report import write_comparison_report, write_doctor_report, write_run_report, write_suite_report


def comparison(path: Path) -> None:
    write_comparison_report(path=path, **records.comparison())


PAGES: dict[str, Callable[[Path], None]] = {
    **{name: partial(lambda make, path: write_run_report(make(), path), make) for name, make in records.RUNS.items()},
    "sick": lambda path: write_doctor_report(records.sick(), path),
    "sound": lambda path: write_doctor_report(records.sound(), path),
    "suite": lambda path: write_suite_report(records.suite(), path),
    "comparison": comparison,
}
WITHOUT_FIGURES = {"nothing", "sound"}


def words(page: str) -> str:
    """The page as a reader sees it: no tags, no scripts, spaces made one."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    page = html.unescape(re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ")
    return re.sub(r"\s+", " ", page)


def figures(page: str) -> list[dict[str, Any]]:
    """The figures that the page draws, as plotly's data and layout."""
    return [json.loads(block) for block in re.findall(r'<script type="application/json">(.*?)</script>', page, re.S)]
