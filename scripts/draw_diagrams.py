"""Draw the diagrams of the documentation: docs/diagrams/NAME.toml to docs/diagrams/NAME.svg.

    python scripts/draw_diagrams.py

A diagram is a grid of boxes with arrows between them. Two columns are as wide as a phone. Colours
are those of the page that holds the picture; a picture that is shown by itself follows the
browser's scheme.

The keys of a TOML file: `title`, the text for those who cannot see the picture; `boxes`, each with
`id`, `at` (column and row, which may be fractions), `text`, and optionally `kind` (`step`, `start`,
`question`, `good`, `bad` or `note`) and `wide` (a number of columns); `arrows`, each with `from`,
`to`, and optionally `label` and `dashed`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER = Path(__file__).parents[1] / "docs" / "diagrams"
COLUMN, ROW, LINE = 172, 78, 16
GAP, HEIGHT, MARGIN = 22, 50, 8
_STYLE = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"
_KINDS = {
    "step": 'rx="5" fill="none" stroke="currentColor"',
    "start": 'rx="25" fill="none" stroke="currentColor"',
    "question": 'rx="5" fill="none" stroke="currentColor" stroke-dasharray="5 3"',
    "good": 'rx="5" fill="#2da44e" fill-opacity="0.18" stroke="#2da44e"',
    "bad": 'rx="5" fill="#cf222e" fill-opacity="0.14" stroke="#cf222e"',
    "note": 'rx="5" fill="none" stroke="none"',
}


class Box:
    """A box of a diagram, in pixels.

    Args:
        described: its table in the TOML file.
    """

    def __init__(self, described: dict[str, Any]) -> None:
        column, row = described["at"]
        self.lines = described["text"].split("\n")
        self.kind = described.get("kind", "step")
        self.width = COLUMN * described.get("wide", 1) - GAP
        self.height = max(HEIGHT, LINE * len(self.lines) + 18)
        self.left = MARGIN + column * COLUMN
        self.top = MARGIN + row * ROW
        self.middle = self.left + self.width / 2
        self.center = self.top + self.height / 2
        self.right = self.left + self.width
        self.bottom = self.top + self.height

    def svg(self) -> str:
        """Return the box with its text."""
        first = self.center - LINE * (len(self.lines) - 1) / 2 + 4.5
        words = "".join(
            f'<text x="{self.middle:g}" y="{first + LINE * number:g}">{escape(line)}</text>'
            for number, line in enumerate(self.lines)
        )
        shape = (
            f'<rect x="{self.left:g}" y="{self.top:g}" width="{self.width:g}" '
            f'height="{self.height:g}" {_KINDS[self.kind]}/>'
        )
        return f"{shape}\n{words}"


def arrow(one: Box, other: Box, described: dict[str, Any]) -> str:
    """Return an arrow from one box to another, with its label."""
    # where an arrow downwards can be straight
    x = other.middle if one.left <= other.middle <= one.right else one.middle
    if other.left <= x <= other.right and other.top > one.bottom:
        line = f"M{x:g} {one.bottom:g}V{other.top:g}"
        at, anchor = (x + 6, (one.bottom + other.top) / 2 + 4), "start"
    elif abs(one.center - other.center) < HEIGHT / 2:
        begin, end = (one.right, other.left) if other.left > one.left else (one.left, other.right)
        line = f"M{begin:g} {one.center:g}H{end:g}"
        at, anchor = ((begin + end) / 2, one.center - 5), "middle"
    elif other.top > one.bottom:
        begin = one.right if other.middle > one.right else one.left
        line = f"M{begin:g} {one.center:g}H{other.middle:g}V{other.top:g}"
        at, anchor = ((begin + other.middle) / 2, one.center - 5), "middle"
    else:
        out = max(one.right, other.right) + GAP / 2
        line = f"M{one.right:g} {one.center:g}H{out:g}V{other.center:g}H{other.right:g}"
        at, anchor = (out + 4, (one.center + other.center) / 2), "start"
    dashes = ' stroke-dasharray="4 3"' if described.get("dashed") else ""
    drawn = f'<path d="{line}" fill="none" stroke="currentColor" marker-end="url(#arrow)"{dashes}/>'
    if "label" in described:
        drawn += (
            f'\n<text x="{at[0]:g}" y="{at[1]:g}" font-size="11.5" text-anchor="{anchor}">'
            f"{escape(described['label'])}</text>"
        )
    return drawn


def svg(text: str) -> str:
    """Return the picture that a TOML file describes."""
    described = tomllib.loads(text)
    boxes = {one["id"]: Box(one) for one in described["boxes"]}
    width = max(box.right for box in boxes.values()) + MARGIN + described.get("margin", 0)
    height = max(box.bottom for box in boxes.values()) + MARGIN
    arrows = [arrow(boxes[one["from"]], boxes[one["to"]], one) for one in described["arrows"]]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" role="img" aria-label={quoteattr(described["title"])} '
        'fill="currentColor" stroke="none" font-family="system-ui, sans-serif" font-size="12.5" '
        'text-anchor="middle">'
    )
    marker = (
        '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" stroke="none"/></marker></defs>'
    )
    shapes = "\n".join([box.svg() for box in boxes.values()] + arrows)
    return f"{head}\n{_STYLE}\n{marker}\n{shapes}\n</svg>\n"


def main() -> None:
    """Draw every diagram."""
    for path in sorted(FOLDER.glob("*.toml")):
        path.with_suffix(".svg").write_text(svg(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
