"""Write the page of the documentation with the rules of lint."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "lint-rules.md"
_HEAD = """# Rules of lint

This page describes each rule of [`limbeck lint`](lint.md). If a statement has several dangers, the
finding has the code of the most severe one. Comments and settings can name a rule by its code or by
its name.

Each rule has a bad case, which lint reports, and usually a good case, which it does not report.
limbeck's tests run the cases on live servers of the given versions. This page is generated from the
rules and the cases.
"""
_VERSIONS = {"postgresql": "PostgreSQL 15", "mariadb": "MariaDB 10.11", "sqlite": "SQLite 3"}


# why it happens; for the rules about a file, why it is reported
_REASONS = {
    "LM101": (
        "CREATE INDEX takes a SHARE lock on PostgreSQL until the transaction ends. The time "
        "grows with the size of the table. MariaDB and MySQL allow writes while they build "
        "most indexes, but not FULLTEXT and SPATIAL indexes."
    ),
    "LM103": (
        "The new copy is written under the lock. REINDEX also locks the index itself, and "
        "the planner opens the index for each query, so SELECT waits too."
    ),
    "LM104": (
        "ADD CONSTRAINT builds the index under an ACCESS EXCLUSIVE lock. Attaching an index "
        "that already exists takes no time."
    ),
    "LM105": (
        "Existing rows are checked under SHARE ROW EXCLUSIVE locks on both tables "
        "(PostgreSQL), or while the table is copied (MariaDB, MySQL). NOT VALID skips this "
        "check. VALIDATE does it later with weaker locks."
    ),
    "LM106": (
        "Existing rows are checked under an ACCESS EXCLUSIVE lock. VALIDATE takes a SHARE "
        "UPDATE EXCLUSIVE lock, which blocks neither reads nor writes."
    ),
    "LM107": (
        "The constraint is an index that is built under an ACCESS EXCLUSIVE lock. "
        "PostgreSQL has no NOT VALID for exclusion constraints."
    ),
    "LM108": (
        "The server searches the rows for NULLs under the lock of ALTER TABLE. PostgreSQL "
        "skips this if a validated CHECK proves that there are none."
    ),
    "LM109": (
        "A transaction keeps its locks until it ends. VALIDATE in the transaction of ADD "
        "CONSTRAINT therefore reads the rows under the lock of ADD CONSTRAINT."
    ),
    "LM110": (
        "If the new type is stored in another way, the table and the indexes on the column "
        "are rewritten. Otherwise a CHECK or a partial index on the column is at least "
        "checked again."
    ),
    "LM111": (
        "A volatile default, an identity, a stored expression or a domain with a CHECK can "
        "give every row another value, so the table is rewritten. A constant default is "
        "stored once."
    ),
    "LM112": "The rows of every table that uses the domain are checked under SHARE locks.",
    "LM113": ("The new storage is another file, and all rows are copied into it under the lock."),
    "LM114": (
        "The server checks that no row is in the wrong partition. It reads the new "
        "partition and the default partition, unless a CHECK proves it."
    ),
    "LM115": (
        "The new contents are written into a new file under an ACCESS EXCLUSIVE lock. "
        "CONCURRENTLY compares them with the old contents instead."
    ),
    "LM116": (
        "Most changes of a table take its strongest lock briefly. While the statement waits "
        "for an old query, all later queries wait behind it."
    ),
    "LM118": (
        "Each changed row is locked until the transaction ends. Until then, old row "
        "versions cannot be removed."
    ),
    "LM120": (
        "A transaction keeps its locks until COMMIT. A slow statement after a statement "
        "with a strong lock therefore runs under that lock."
    ),
    "LM301": ("The file of the table is deleted. Only a backup still contains the rows."),
    "LM302": (
        "The values cannot be read any more after the statement is committed. Indexes on "
        "the column are dropped as well."
    ),
    "LM303": "TRUNCATE replaces the file of the table by an empty one.",
    "LM304": ("The statement has no condition that excludes rows."),
    "LM305": ("The conversion rounds or truncates values without an error."),
    "LM306": ("The data that the statement removes is stored nowhere else."),
    "LM309": (
        "CASCADE also drops dependent objects without naming them. MODIFY removes every "
        "attribute of a column that it does not repeat."
    ),
    "LM400": ("The statement does not fit the schema of the parent revision."),
    "LM401": (
        "Existing rows have no value for the column. MariaDB and MySQL insert 0 or an empty "
        "text without a warning."
    ),
    "LM402": ("Existing rows may contain NULL, because the schema allows it so far."),
    "LM403": (
        "Existing rows may hold the same value twice. A failed CREATE INDEX CONCURRENTLY "
        "leaves an invalid index that still rejects rows."
    ),
    "LM404": ("So far, no constraint has ensured that the referenced rows exist."),
    "LM405": ("Existing rows were never checked against the condition."),
    "LM406": ("The new type accepts fewer values than the old one."),
    "LM407": ("The schema allows rows that the statement does not accept."),
    "LM501": (
        "The queries of the running program contain the old name. The name changes "
        "immediately, but the program changes only when it is deployed."
    ),
    "LM502": ("The queries of the running release still use the object."),
    "LM503": (
        "The running release does not know the new condition. It omits the column or writes "
        "other values."
    ),
    "LM504": ("Privileges and policies decide which rows each role can see."),
    "LM505": (
        "lint has run the queries of the running release before and after the revision. "
        "Afterwards they failed or returned other results."
    ),
    "LM601": (
        "Some statements commit several times themselves, or use objects that are visible "
        "only after COMMIT."
    ),
    "LM602": (
        "Statements that are committed before a failure are not undone. MariaDB and MySQL "
        "commit at every change of a schema, PostgreSQL at statements outside of "
        "transactions."
    ),
    "LM901": ("A comment that accepts nothing now could hide a later finding."),
    "LM902": ("Without a reason, nobody can decide later whether the comment is still correct."),
    "LM903": ("lint cannot judge statements that were not executed."),
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
