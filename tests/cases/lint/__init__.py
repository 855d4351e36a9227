"""Statements with the dangers, the strongest lock and the tables that lint has to name."""

from __future__ import annotations

import re
from dataclasses import dataclass

LOCKS = {
    "AE": "ACCESS EXCLUSIVE",
    "EX": "EXCLUSIVE",
    "SRE": "SHARE ROW EXCLUSIVE",
    "S": "SHARE",
    "SUE": "SHARE UPDATE EXCLUSIVE",
    "RX": "ROW EXCLUSIVE",
    "RS": "ROW SHARE",
    "AS": "ACCESS SHARE",
    "": None,
}


@dataclass(frozen=True)
class LintCase:
    """One case.

    Args:
        statements: what the revision runs; the dangers are those of the last statement.
        dangers: names of dangers; none for a harmless statement.
        lock: the strongest lock that the last statement takes, None for none.
        tables: the tables that it locks.
        is_autocommit: the statements are in an autocommit block.
        setup: SQL that the parent revision runs in addition to the schema.
    """

    statements: tuple[str, ...]
    dangers: frozenset[str] = frozenset()
    lock: str | None = None
    tables: frozenset[str] = frozenset()
    is_autocommit: bool = False
    setup: str = ""


def read_cases(text: str) -> list[LintCase]:
    """Read cases, one per line: `statements | dangers | lock | tables | setup`.

    Statements are separated by `;;`. `~` is a space in the name of a table. A line that begins with `@` is in an autocommit block.
    """
    found = []
    for line in text.strip().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in re.split(r" \|(?= |$)", line.removeprefix("@"))]
        parts += [""] * (5 - len(parts))
        found.append(
            LintCase(
                tuple(one.strip() for one in parts[0].split(";;")),
                frozenset(parts[1].split()),
                LOCKS.get(parts[2], parts[2]),
                frozenset(name.replace("~", " ") for name in parts[3].split()),
                line.startswith("@"),
                parts[4],
            )
        )
    return found
