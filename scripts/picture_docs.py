"""Take pictures of pages of the documentation with headless Chromium, and collect its errors.

    sphinx-build -W -b html docs build/docs
    python3 scripts/picture_docs.py build/docs build/pictures [PAGE ...]

Each page is taken wide and as on a phone, light and dark. The exit code is 1 if a page writes an
error to the console.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

PAGES = ("index", "tutorial", "guides", "integrations", "command-reference", "api", "errors")
SIZES = {"wide": (1400, 1000), "phone": (500, 900)}
SCHEMES = {"light": 1, "dark": 0}
_ERROR = re.compile(r'CONSOLE:\d+\] "(?:Uncaught|Failed)[^\n]*')


def browser() -> str:
    """Return the command of the browser; the program ends where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        sys.exit("no Chromium is installed")
    return found


def take(program: str, page: Path, picture: Path, size: tuple[int, int], scheme: int) -> list[str]:
    """Write a picture of a page; return the errors of its console."""
    done = subprocess.run(
        [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         "--enable-logging=stderr", f"--window-size={size[0]},{size[1]}",
         f"--blink-settings=preferredColorScheme={scheme}",
         f"--screenshot={picture}", page.as_uri()],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return _ERROR.findall(done.stderr)


def main(arguments: list[str]) -> int:
    """Take the pictures."""
    built, folder = Path(arguments[0]).resolve(), Path(arguments[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    program, errors = browser(), 0
    for name in arguments[2:] or PAGES:
        for size, pixels in SIZES.items():
            for scheme, number in SCHEMES.items():
                picture = folder / f"{name.replace('/', '-')}-{size}-{scheme}.png"
                page = built / f"{name}.html"
                for error in take(program, page, picture, pixels, number):
                    errors += 1
                    print(f"{name}, {size}, {scheme}: {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
