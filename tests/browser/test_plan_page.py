"""The page of a plan in a headless Chromium: it is rendered and sends no request."""

from __future__ import annotations

import json
import shutil
import subprocess
import warnings
import zlib
from pathlib import Path

import pytest

from limbeck.report import plans_html
from tests.unit.report.test_plan_report import PLAN

pytestmark = pytest.mark.slow
_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
    "--window-size=1200,900",
)  # fmt: skip
_DARK, _LIGHT = "--blink-settings=preferredColorScheme=0", "--blink-settings=preferredColorScheme=1"


@pytest.fixture(params=[1, 2], ids=["one database", "two databases"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "plan.html"
    path.write_text(plans_html([PLAN] * request.param), "utf-8")
    return path


def _chromium(page: Path, *options: str) -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        warnings.warn(
            "Chromium is not installed: the page is NOT TESTED in a browser", stacklevel=2
        )
        pytest.skip("NOT TESTED: Chromium is not installed (apt-get install chromium)")
    profile = f"--user-data-dir={page.parent / 'profile'}"
    done = subprocess.run(
        [program, *_QUIET, profile, *options, page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout


def test_the_page_is_rendered(page: Path) -> None:
    dom = _chromium(page, "--dump-dom")
    plans = page.read_text("utf-8").count("<h1")
    assert dom.count("<svg") == 3 * plans
    assert dom.count("ALTER TABLE shop ADD note text") >= plans
    assert "<script" not in dom


def test_the_page_sends_no_request(page: Path) -> None:
    log = page.parent / "net.json"
    _chromium(page, "--dump-dom", f"--log-net-log={log}", "--net-log-capture-mode=Everything")
    text = log.read_text("utf-8").rstrip().rstrip(",")
    document = json.loads(text if text.endswith(("]}", "}")) else f"{text}]}}")
    urls = {
        str(url)
        for event in document["events"]
        if (url := event.get("params", {}).get("url")) is not None
    }
    # the browser's own services are no part of the page
    own = ("google", "gvt1.com", "chrome-extension:", "chrome:")
    left = {one for one in urls if one.startswith("http") and not any(word in one for word in own)}
    assert left == set()


@pytest.mark.parametrize(("scheme", "colour"), [(_LIGHT, (255, 255, 255)), (_DARK, (13, 17, 23))])
def test_light_and_dark(page: Path, scheme: str, colour: tuple[int, int, int]) -> None:
    screenshot = page.parent / "screenshot.png"
    _chromium(page, scheme, f"--screenshot={screenshot}")
    assert _first_pixel(screenshot.read_bytes()) == colour


def _first_pixel(data: bytes) -> tuple[int, ...]:
    """Return the colour of the first pixel of a PNG; no filter changes that one."""
    at, packed = 8, b""
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        packed += data[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    return tuple(zlib.decompress(packed)[1:4])
