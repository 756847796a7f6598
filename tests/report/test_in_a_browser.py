"""Every kind of page in headless Chromium: nothing on the console, every figure drawn, nothing sticks out."""

import re

import pytest

from tests.report.browser import browsing, chromium
from tests.report.pages import PAGES, WITHOUT_FIGURES


@pytest.fixture(scope="module")
def browser():
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine: the pages are not opened")
    with browsing(program) as opened:
        yield opened


def check(browser, path):
    hidden = int(browser.value("document.querySelectorAll('[data-choice][hidden] .plot').length"))
    asked = len(re.findall(r'class="plot"', path.read_text(encoding="utf-8"))) - hidden
    assert browser.errors() == []
    assert int(browser.value("document.body.dataset.drawn")) == asked
    assert browser.value("document.querySelectorAll('.plot path, .plot image').length") >= asked
    browser.wait("document.documentElement.scrollWidth <= document.documentElement.clientWidth", seconds=20)


def ink(browser):
    """The colour of a figure's letters and of the page behind them."""
    letters = "getComputedStyle(document.querySelector('.plot text')).fill"
    return browser.value(letters), browser.value("getComputedStyle(document.body).backgroundColor")


@pytest.mark.parametrize("name", [name for name in PAGES if name != "nothing"])
def test_figures_are_drawn_in_light_and_in_dark(browser, name, tmp_path):
    path = tmp_path / "page.html"
    PAGES[name](path)
    browser.open(path, width=1200)
    check(browser, path)
    if name in WITHOUT_FIGURES:
        return
    light = ink(browser)
    browser.dress(width=400, dark=True)
    check(browser, path)
    dark = ink(browser)
    assert light[0] != dark[0]
    assert light[1] != dark[1]


def test_an_error_on_the_console_would_be_seen(browser, tmp_path):
    path = tmp_path / "broken.html"
    path.write_text("<body data-drawn='0'><script>console.error('x'); missing();</script></body>", encoding="utf-8")
    browser.open(path)
    assert len(browser.errors()) == 2
