"""What holds for every kind of page: one file, nothing outside, figures that plotly knows."""

import json
import re

import plotly.graph_objects as go
import pytest

from tests.report.pages import PAGES, WITHOUT_FIGURES, figures, words


@pytest.fixture(params=PAGES)
def page(request, tmp_path):
    PAGES[request.param](tmp_path / "page.html")
    return request.param, (tmp_path / "page.html").read_text(encoding="utf-8")


def test_every_figure_is_one_that_plotly_knows(page):
    name, text = page
    assert bool(figures(text)) == (name not in WITHOUT_FIGURES)
    for figure in figures(text):
        plain = json.dumps(figure).replace('"var(--sans)"', '"Arial"')
        go.Figure(json.loads(re.sub(r'"var\(--[a-z0-9]+\)"', '"#123456"', plain)))  # refuses what is not plotly's


def test_every_colour_of_a_figure_is_in_the_style_sheet_for_light_and_dark(page):
    _, text = page
    light, dark = text.split("prefers-color-scheme: dark", 1)
    dark = dark.split("* { box-sizing", 1)[0]
    for colour in set(re.findall(r'"var\((--[a-z0-9]+)\)"', json.dumps(figures(text)))) - {"--sans"}:
        assert f"{colour}:" in light
        assert f"{colour}:" in dark


def test_the_page_asks_for_nothing_outside(page):
    text = re.sub(r'<script type="application/gzip".*?</script>', "", page[1], flags=re.S)
    assert "http" not in text
    assert re.findall(r'src\s*=\s*"', text) == []
    assert re.findall(r'<link[^>]*href="(?!data:)', text) == []


def test_plotly_is_in_the_page_once_where_there_are_figures(page):
    name, text = page
    assert text.count('id="plotly"') == int(name not in WITHOUT_FIGURES)
    assert len(text) < (2_300_000 if name not in WITHOUT_FIGURES else 40_000)


def test_the_contents_lead_to_the_sections(page):
    _, text = page
    contents = re.search(r"<nav.*?</nav>", text, re.S)[0]
    assert re.findall(r'href="#([a-z]+)"', contents) == re.findall(r'<section id="([a-z]+)"', text)


def test_every_template_part_was_filled(page):
    assert not re.search(r"\{\{|\{%|\bNone\b|\bUndefined\b|<built-in", words(page[1]))
