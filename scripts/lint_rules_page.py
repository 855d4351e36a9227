"""Write the page of the documentation with the rules of lint."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "lint-rules.md"
_HEAD = """# Rules of lint

What each rule of [`limbeck lint`](lint.md) is about. A finding has the code of its most severe
danger; a comment or a setting names a rule by its code or its name.

The cases run on live servers in limbeck's tests, on the versions that each rule names: the bad case
has a finding of the rule, the good case has none. This page is made from the rules and the cases.
"""
_VERSIONS = {"postgresql": "PostgreSQL 15", "mariadb": "MariaDB 10.11", "sqlite": "SQLite 3"}


# why it happens; for the rules about a file, why it is reported
_REASONS = {
    "LM101": (
        "CREATE INDEX takes a SHARE lock on PostgreSQL until the transaction ends; the time "
        "grows with the table. MariaDB and MySQL build most indexes while others write; "
        "FULLTEXT and SPATIAL ones not."
    ),
    "LM103": (
        "The new copy is written under the lock. REINDEX locks the index itself, which the "
        "planner opens for each query, so that SELECT waits too."
    ),
    "LM104": (
        "ADD CONSTRAINT builds the index under ACCESS EXCLUSIVE. An index that exists is "
        "attached at once."
    ),
    "LM105": (
        "The check of existing rows runs under SHARE ROW EXCLUSIVE on both tables "
        "(PostgreSQL), or while the table is copied (MariaDB, MySQL). NOT VALID leaves it "
        "out; VALIDATE makes up for it under weak locks."
    ),
    "LM106": (
        "The check of existing rows runs under ACCESS EXCLUSIVE. VALIDATE takes SHARE UPDATE "
        "EXCLUSIVE, which reads and writes do not meet."
    ),
    "LM107": (
        "The constraint is an index that is built under ACCESS EXCLUSIVE; NOT VALID does not "
        "exist for it."
    ),
    "LM108": (
        "The rows are read for NULLs under the lock of ALTER TABLE. PostgreSQL leaves that "
        "out where a validated CHECK proves that there are none."
    ),
    "LM109": (
        "A transaction keeps its locks to its end: VALIDATE in the transaction of ADD "
        "CONSTRAINT reads the rows under the lock of ADD CONSTRAINT."
    ),
    "LM110": (
        "Values that are stored otherwise, and the indexes on them, are written again; a "
        "CHECK or a partial index on the column is at least checked again."
    ),
    "LM111": (
        "A volatile default, an identity, a stored expression or a domain with a CHECK gives "
        "every row a value of its own, so that the table is written again. A constant is "
        "stored once."
    ),
    "LM112": "The rows of every table that uses the domain are checked under SHARE locks.",
    "LM113": "Another storage means another file: all rows are copied under the lock.",
    "LM114": (
        "The server makes sure that no row is in the wrong partition: it reads the new "
        "partition, and the default one, unless a CHECK proves it."
    ),
    "LM115": (
        "The new contents are written into a new file under ACCESS EXCLUSIVE; CONCURRENTLY "
        "compares with the old ones instead."
    ),
    "LM116": (
        "Most changes of a table take its strongest lock for a moment. Whoever asks later "
        "waits behind it, also while it waits for an old query."
    ),
    "LM118": (
        "Each changed row is locked to the end of the transaction, which also keeps old "
        "versions of rows from being cleaned up."
    ),
    "LM120": (
        "Locks add up until COMMIT: what is slow after a statement with a strong lock is slow "
        "under that lock."
    ),
    "LM301": "The file of the table is deleted; only a backup has the rows.",
    "LM302": (
        "The values are not readable any more once the statement is committed; indexes on the "
        "column go with it."
    ),
    "LM303": "TRUNCATE replaces the file of the table by an empty one.",
    "LM304": "No condition holds rows back.",
    "LM305": "The conversion rounds or cuts without an error, so that nobody notices.",
    "LM306": "What the statement removes is stored nowhere else.",
    "LM309": (
        "CASCADE takes dependents along without naming them; MODIFY removes each attribute of "
        "a column that it does not repeat."
    ),
    "LM400": "The schema of the parent revision does not fit the statement.",
    "LM401": (
        "Existing rows have no value for the column. MariaDB and MySQL fill in 0 or an empty "
        "text without a word."
    ),
    "LM402": "Existing rows may hold NULL, which the schema allowed until now.",
    "LM403": (
        "Existing rows may hold the same value twice. A failed CREATE INDEX CONCURRENTLY "
        "leaves an invalid index that still rejects rows."
    ),
    "LM404": "Nothing has made sure until now that the rows referred to exist.",
    "LM405": "The condition is new to the existing rows.",
    "LM406": "The new type has fewer values than the old one.",
    "LM407": "The schema allows rows that the statement does not.",
    "LM501": (
        "Names are part of the queries of running code; they change at once, and the code "
        "changes when it is deployed."
    ),
    "LM502": "The queries of the release that is running still name the object.",
    "LM503": (
        "The release that is running does not know the new condition, and leaves the column "
        "out or writes other values."
    ),
    "LM504": "Rights and policies decide for each role which rows there are.",
    "LM505": (
        "The queries of the release that is running were tried before and after: they failed "
        "afterwards, or got other results."
    ),
    "LM601": (
        "Some statements commit by themselves in several steps, or use what is visible after "
        "COMMIT only."
    ),
    "LM602": (
        "What is committed before a failure stays. MariaDB and MySQL commit at every change "
        "of a schema, PostgreSQL at statements outside of transactions."
    ),
    "LM901": "A comment that suppresses nothing would hide a later finding.",
    "LM902": "Without a reason nobody can tell later whether the comment still holds.",
    "LM903": "The statements that were not reached are not judged.",
    "LM904": "The models of a later release may have other columns than the tables have when the"
    " revision runs, so that its queries fail, or do something else, on a new database.",
}


def page() -> str:
    """Return the text of the page."""
    sys.path.insert(0, str(ROOT))
    from tests.cases.lint.rules import PYTHON_CASES, RULE_CASES

    from limbeck.lint import RULES

    cases = {case.code: case for case in RULE_CASES}
    parts = [_HEAD]
    for rule in sorted(RULES, key=lambda one: one.code):
        parts.append(f"({rule.code.lower()})=\n## {rule.code}: {rule.name}\n")
        parts.append(f"**What happens:** {rule.summary}\n")
        parts.append(f"**Why:** {_REASONS[rule.code]}\n")
        if rule.dangers:
            parts.append(f"**Dangers:** {', '.join(f'`{danger}`' for danger in rule.dangers)}.\n")
        parts.append(f"**Instead:** {rule.advice}\n")
        case = cases.get(rule.code)
        if case is not None:
            parts.append(f"**Measured on:** {_VERSIONS[case.kind]}.\n")
            parts.append(_code("Bad", case.bad))
            if case.good:
                parts.append(_code("Good", case.good))
        if rule.code in PYTHON_CASES:
            for title, body in zip(("Bad", "Good"), PYTHON_CASES[rule.code], strict=True):
                parts.append(f"{title}:\n\n```python\n{body}\n```\n")
    return "\n".join(parts)


def _code(title: str, statements: tuple[str, ...]) -> str:
    lines = []
    for one in statements:
        if one.startswith("@"):
            lines.append("-- in an autocommit block")
        lines.append(f"{one.removeprefix('@')};")
    return f"{title}:\n\n```sql\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
