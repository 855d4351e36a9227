"""The statistics file: where a database is and how large its tables are, to plan without it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limbeck.dialects import TableSize
from limbeck.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Statistics:
    """Where a database is and how large its tables are.

    Args:
        dialect: the name of the database system.
        revisions: the version rows.
        tables: the sizes by table, with the schema where that is not the default one.
    """

    dialect: str
    revisions: tuple[str, ...]
    tables: Mapping[str, TableSize] = field(default_factory=dict)


def statistics_text(found: Statistics) -> str:
    """Return the content of a statistics file: the same text for the same statistics."""
    document = {
        "format": FORMAT,
        "dialect": found.dialect,
        "revisions": sorted(found.revisions),
        "tables": {
            name: {"rows": size.rows, "bytes": size.bytes}
            for name, size in sorted(found.tables.items())
        },
    }
    return f"{json.dumps(document, indent=2, ensure_ascii=False)}\n"


def read_statistics(path: Path) -> Statistics:
    """Read a statistics file.

    Raises:
        PlanError: it cannot be read, or has another shape.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise PlanError(
            f"The statistics file cannot be read: {error.strerror or error}",
            hint="`limbeck stats --output FILE` writes one.",
            place=str(path),
            code="LB673",
        ) from error
    except ValueError as error:
        raise _misshapen(path, "it is not JSON") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise _misshapen(path, f"it has no member 'format' with the value {FORMAT}")
    dialect, revisions = document.get("dialect"), document.get("revisions")
    tables = document.get("tables")
    if not isinstance(dialect, str):
        raise _misshapen(path, "'dialect' is no text")
    if not isinstance(revisions, list) or not _are_texts(revisions):
        raise _misshapen(path, "'revisions' is no list of texts")
    if not isinstance(tables, dict):
        raise _misshapen(path, "'tables' is no object")
    sizes = {name: _size(path, name, value) for name, value in tables.items()}
    return Statistics(dialect, tuple(revisions), sizes)


def _size(path: Path, name: str, value: Any) -> TableSize:
    if not isinstance(value, dict):
        raise _misshapen(path, f"the table {name!r} is no object")
    numbers = [value.get(word) for word in ("rows", "bytes")]
    for number in numbers:
        is_number = isinstance(number, int) and not isinstance(number, bool) and number >= 0
        if number is not None and not is_number:
            raise _misshapen(path, f"'rows' or 'bytes' of {name!r} is {number!r}")
    return TableSize(rows=numbers[0], bytes=numbers[1])


def _are_texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _misshapen(path: Path, why: str) -> PlanError:
    return PlanError(
        f"This is no statistics file: {why}",
        hint="Write it again with `limbeck stats --output FILE`.",
        place=str(path),
        code="LB674",
    )
