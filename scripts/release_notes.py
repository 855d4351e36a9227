"""Build CHANGELOG.md for a release from the fragments in changelog.d, with towncrier.

    python3 scripts/release_notes.py VERSION            print what would be added
    python3 scripts/release_notes.py VERSION --write    add it, and delete the fragments

--write is the last step before a release: fragments may be added until then.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
NAME = re.compile(r"[a-z0-9-]+\.(added|changed|fixed)\.md")


def wrong_names(folder: Path) -> list[str]:
    """Return the files that towncrier would leave out."""
    return sorted(
        path.name
        for path in folder.iterdir()
        if not NAME.fullmatch(path.name) and not path.name.startswith(".")
    )


def main(arguments: list[str]) -> int:
    """Print or write the notes."""
    if not arguments or not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", arguments[0]):
        print(__doc__)
        return 2
    wrong = wrong_names(ROOT / "changelog.d")
    if wrong:
        print("no fragments by their names:", *wrong)
        return 1
    mode = ["--yes"] if "--write" in arguments else ["--draft"]
    command = [sys.executable, "-m", "towncrier", "build", "--version", arguments[0], *mode]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
