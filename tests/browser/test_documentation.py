"""The built documentation in a headless Chromium: every page, wide and on a phone, light and dark.

A page writes no error to the console, loads nothing from elsewhere, and fits into the window. A few
pages are looked at by default, all of them with `-m slow`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason="pages NOT TESTED: pip install 'limbeck[docs]'")
pytest.importorskip("playwright", reason="pages NOT TESTED: pip install 'limbeck[docs]'")

ROOT = Path(__file__).parents[2]
SAMPLE = ("index", "tutorial", "guides/not-null", "explanations/run", "operations-reference")
SIZES = {"wide": (1400, 1000), "phone": (390, 844)}
# elements of the text that reach beyond the window; what scrolls by itself may
BEYOND = """() => {
    const width = document.documentElement.clientWidth
    const scrolls = element => {
        for (let each = element; each; each = each.parentElement)
            if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(each).overflowX)) return true
        return false
    }
    const wide = [...document.querySelectorAll('article *')].filter(element => {
        const box = element.getBoundingClientRect()
        return box.width > 0 && box.right > width + 1 && !scrolls(element.parentElement)
    })
    const names = wide.map(each => each.tagName + ' ' + each.textContent.trim().slice(0, 60))
    if (document.documentElement.scrollWidth > width) names.push('the page scrolls')
    return names
}"""
LEFTOVERS = re.compile(r"# exit \d+|^\s*>>> |doctest:|\{literalinclude\}|:::", re.MULTILINE)


@pytest.fixture(scope="module")
def built_docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(ROOT / "docs"), str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


def _problems(browser, pages: list[Path], size: str, scheme: str) -> list[str]:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    tab = context.new_page()
    found: list[str] = []
    tab.on("console", lambda one: found.append(one.text) if one.type == "error" else None)
    tab.on("pageerror", lambda error: found.append(str(error)))
    tab.on(
        "request",
        lambda one: None if one.url.startswith(("file:", "data:")) else found.append(one.url),
    )
    problems = []
    for page in pages:
        found.clear()
        tab.goto(page.as_uri())
        found += tab.evaluate(BEYOND)
        if "/adr/" not in str(page):
            found += LEFTOVERS.findall(tab.inner_text("article"))
        problems += [f"{page.name}, {size}, {scheme}: {each}" for each in found]
    context.close()
    return problems


@pytest.mark.parametrize("size", SIZES)
def test_a_few_pages(browser, built_docs: Path, size: str) -> None:
    pages = [built_docs / f"{name}.html" for name in SAMPLE]
    assert _problems(browser, pages, size, "light") == []


def test_diagrams_have_the_colours_of_the_page(browser, built_docs: Path) -> None:
    colours = []
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        tab = context.new_page()
        tab.goto((built_docs / "explanations" / "run.html").as_uri())
        script = "() => getComputedStyle(document.querySelector('.mermaid text')).fill"
        colours.append(tab.evaluate(script))
        assert tab.evaluate("() => getComputedStyle(document.body).color") == colours[-1]
        context.close()
    assert len(set(colours)) == 2


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_all_pages(browser, built_docs: Path, size: str, scheme: str) -> None:
    pages = sorted(built_docs.rglob("*.html"))
    assert len(pages) > 60
    assert _problems(browser, pages, size, scheme) == []
