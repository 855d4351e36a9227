"""The tables before and after a plan as SVG diagrams, with the changes marked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from limbeck.report.text import clean

TYPE_CHECKING = False

if TYPE_CHECKING:
    from limbeck.catalog import Catalog, Column, Constraint, Index, Key, Table

MOST_TABLES = 30
_ROW, _HEAD, _GAP, _PAD = 20, 26, 34, 10
_LETTER = 7.3  # width of a letter, in pixels
_LONGEST = 44
_PER_LINE = 2
_MARKS = {"added": "+", "removed": "-", "changed": "~", "same": ""}


@dataclass(frozen=True, slots=True)
class DiagramLine:
    """A line of a table's box: a column, a constraint or an index.

    Args:
        text: the text of the line.
        state: "added", "removed", "changed" or "same".
    """

    text: str
    state: str


@dataclass(frozen=True, slots=True)
class _Box:
    """A table with its position."""

    key: Key
    state: str
    lines: tuple[DiagramLine, ...]
    x: float
    y: float
    width: float

    @property
    def height(self) -> int:
        return _HEAD + _ROW * len(self.lines) + _PAD // 2


def changed_tables(before: Catalog, after: Catalog) -> list[Key]:
    """Return the tables that differ, and those that they reference, changed ones first."""
    keys = list(dict.fromkeys(table.key for side in (before, after) for table in side.tables))
    changed = [key for key in keys if before.get(key) != after.get(key)]
    neighbours = {
        part.target
        for side in (before, after)
        for table in side.tables
        if table.key in changed
        for part in table.foreign_keys
    }
    return [*changed, *(key for key in keys if key in neighbours and key not in changed)]


def table_lines(table: Table, other: Table | None, gone: str) -> list[DiagramLine]:
    """Return the lines of a table.

    Args:
        table: the table on this side.
        other: the table on the other side, None if it does not exist there.
        gone: the state of lines that the other side does not have: "added" or "removed".
    """
    found = [
        DiagramLine(
            _column(one), _state(one, None if other is None else other.column(one.name), gone)
        )
        for one in table.columns
    ]
    theirs = [] if other is None else _parts(other)
    for part in _parts(table):
        state = "same" if part in theirs else gone
        if state != "same" or part.kind in {"primary_key", "foreign_key"}:
            found.append(DiagramLine(_part(part), state))
    return found


def _state(one: Column, other: Column | None, gone: str) -> str:
    if other is None:
        return gone
    return "same" if one == other else "changed"


def _parts(table: Table) -> list[Constraint | Index]:
    return [*table.constraints, *table.indexes]


def _column(one: Column) -> str:
    null = "" if one.nullable else " NOT NULL"
    default = getattr(one.default, "text", None)
    return f"{one.name} {one.type}{null}{f' DEFAULT {default}' if default else ''}"


def _part(part: Constraint | Index) -> str:
    name = f" {part.name}" if part.name else ""
    columns = ", ".join(getattr(part, "columns", ()))
    match part.kind:
        case "primary_key":
            return f"PRIMARY KEY ({columns})"
        case "foreign_key":
            target = part.target.full_name  # type: ignore[union-attr]
            return f"FOREIGN KEY ({columns}) → {target}"
        case "check":
            return f"CHECK{name} ({part.expr.text})"  # type: ignore[union-attr]
        case "index":
            unique = "UNIQUE " if getattr(part, "unique", False) else ""
            return f"{unique}INDEX{name} ({columns})"
        case kind:
            return f"{kind.upper()}{name} ({columns})"


def schema_diagram(before: Catalog, after: Catalog) -> str:
    """Return both diagrams as HTML, or a sentence if no table changes."""
    keys = changed_tables(before, after)
    if not keys or all(before.get(key) == after.get(key) for key in keys):
        return '<p class="quiet">No table changes.</p>'
    shown, hidden = keys[:MOST_TABLES], len(keys) - MOST_TABLES
    more = f'<p class="quiet">{hidden} more tables are not shown.</p>' if hidden > 0 else ""
    sides = [
        ("Before", before, after, "removed"),
        ("After", after, before, "added"),
    ]
    figures = "".join(
        f"<figure><figcaption>{title}</figcaption>{_svg(title, shown, side, other, gone)}</figure>"
        for title, side, other, gone in sides
    )
    return f'<div class="sides">{figures}</div>{more}'


def _svg(title: str, keys: Sequence[Key], side: Catalog, other: Catalog, gone: str) -> str:
    boxes = _boxes(keys, side, other, gone)
    if not boxes:
        return '<p class="quiet">None of these tables exists.</p>'
    places = {box.key: box for box in boxes}
    width = int(max(box.x + box.width for box in boxes) + _PAD)
    height = int(max(box.y + box.height for box in boxes) + _PAD)
    body = "".join(
        [*(line for box in boxes for line in _references(box, side, places)), *map(_drawn, boxes)]
    )
    return (
        f'<svg class="schema" role="img" aria-label="Tables {title.lower()} the plan"'
        f' width="{width}" height="{height}" viewBox="0 0 {width} {height}">{body}</svg>'
    )


def _boxes(keys: Sequence[Key], side: Catalog, other: Catalog, gone: str) -> list[_Box]:
    """Arrange the tables in rows."""
    boxes: list[_Box] = []
    x = y = float(_PAD)
    lowest = y
    for key in keys:
        table = side.get(key)
        if table is None:
            continue
        theirs = other.get(key)
        lines = table_lines(table, theirs, gone)  # type: ignore[arg-type]
        texts = [_short(line.text) for line in lines] + [_name(key)]
        width = max(map(len, texts)) * _LETTER + 3 * _PAD
        if boxes and len(boxes) % _PER_LINE == 0:
            x, y = float(_PAD), lowest + _GAP
        state = gone if theirs is None else "same"
        box = _Box(key, state, tuple(lines), x, y, width)
        boxes.append(box)
        x += width + _GAP
        lowest = max(lowest, y + box.height)
    return boxes


def _references(box: _Box, side: Catalog, places: Mapping[Key, _Box]) -> Iterator[str]:
    """Yield a line to the box of each referenced table."""
    table = side.get(box.key)
    for part in getattr(table, "foreign_keys", ()):
        target = places.get(part.target)
        if target is None or target is box:
            continue
        x, y = box.x + box.width / 2, box.y + box.height / 2
        to_x, to_y = target.x + target.width / 2, target.y + target.height / 2
        yield f'<path class="reference" d="M{x:.0f} {y:.0f}L{to_x:.0f} {to_y:.0f}"/>'


def _drawn(box: _Box) -> str:
    parts = [
        (
            f'<g class="table {box.state}"><rect x="{box.x:.0f}" y="{box.y:.0f}"'
            f' width="{box.width:.0f}" height="{box.height}" rx="5"/>'
        ),
        (
            f'<text class="name" x="{box.x + _PAD:.0f}" y="{box.y + 17:.0f}">'
            f"{escape(_name(box.key))}</text>"
        ),
    ]
    for place, line in enumerate(box.lines):
        top = box.y + _HEAD + place * _ROW
        if line.state != "same":
            parts.append(
                f'<rect class="mark {line.state}" x="{box.x + 2:.0f}" y="{top:.0f}"'
                f' width="{box.width - 4:.0f}" height="{_ROW - 2}"/>'
            )
        parts.append(
            f'<text class="{line.state}" x="{box.x + _PAD:.0f}" y="{top + 14:.0f}">'
            f'<tspan class="sign">{_MARKS[line.state]}</tspan> {escape(_short(line.text))}'
            f"<title>{escape(clean(line.text))}</title></text>"
        )
    return f"{''.join(parts)}</g>"


def _name(key: Key) -> str:
    return clean(key.full_name)


def _short(text: str) -> str:
    words = " ".join(clean(text).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 3]}..."
