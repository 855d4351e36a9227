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

Every night, the lock that lint knows without a server is compared with the lock that the server
takes, and the reason of each rule about the text of a statement is measured.

A rule without dangers whose severity is *notice* does not fail the command; `--verbose` shows it.
The rules LM801 to LM809 are about style and off by default. The setting
[`lint_rules`](settings-reference.md#lint_rules) switches them on, `lint_rules = ["style"]` all.
[](#what-is-not-a-rule) lists what other tools warn of and lint does not.
"""
# what other tools warn of, and why lint has no rule for it
_NO_RULES = (
    (
        "a lock timeout or statement timeout is not set",
        "limbeck sets `lock_timeout` for every run and tries again ([](safety.md))",
    ),
    (
        "several tables are locked in one transaction",
        "LM116 names each lock, LM120 what is done while it is held",
    ),
    (
        "an index build loads the server",
        "[`plan`](plan.md) estimates its time",
    ),
    (
        "a statement cannot be run again",
        "the journal continues after the last statement that was done",
    ),
    (
        "raw SQL cannot be judged",
        "it is run and measured like any other statement",
    ),
    (
        "a pooler in transaction mode loses the lock",
        "the runner detects it and refuses to run",
    ),
    (
        "BEGIN without COMMIT",
        "limbeck opens and commits the transaction; LM602 reports a COMMIT within it",
    ),
    (
        "a column is dropped and added again instead of renamed",
        "LM302 reports the loss; autogenerate asks about renames",
    ),
    (
        "a column is assigned twice, or a name used twice",
        "LM400: the statement fails on the scratch database",
    ),
    (
        "`sql_mode` is not strict",
        (
            "the server of the scratch database converts as the real one does, and LM305 reports "
            "lost values"
        ),
    ),
    (
        "a naming convention, required columns, comments, disallowed types, dates in names",
        "a [rule of your own](lint.md#rules-of-your-own)",
    ),
    (
        "reserved words",
        "SQLAlchemy quotes them",
    ),
    (
        "a foreign key without an index, a redundant or a very wide index",
        "a property of the schema and not of a change; compare with `pg_stat_user_indexes`",
    ),
    (
        "an order of columns that needs no padding",
        "it saves bytes and costs readability; PostgreSQL only",
    ),
    (
        "the values of a sequence or an identity change",
        "that is what the statement says; what breaks is measured (LM503, LM505)",
    ),
    (
        "a revision was edited, removed, or has no parent",
        "[`status`](commands.md) and the head file report it",
    ),
    (
        "models without a migration",
        "[`check`](commands.md)",
    ),
    (
        "no downgrade",
        "[`verify`](verify.md) runs it, and says what it cannot restore",
    ),
    (
        "an empty revision",
        "merges, and revisions that only read data, send no statement",
    ),
)
_VERSIONS = {"postgresql": "PostgreSQL 15", "mariadb": "MariaDB 10.11", "sqlite": "SQLite 3"}
_NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL", "mariadb": "MariaDB", "sqlite": "SQLite"}


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
    "LM117": (
        "ALTER COLUMN TYPE removes the statistics of the column, and the expression of a new index "
        "has none: the planner estimates without them until autovacuum or ANALYZE collects them."
    ),
    "LM119": (
        "Lint knows the queries of the models by their columns and not by their plans, so that it "
        "cannot tell which of them become slow."
    ),
    "LM121": (
        "The defect is described in the release notes of PostgreSQL 14.4; amcheck finds indexes "
        "that have it."
    ),
    "LM310": (
        "Queries of the running release do not fail, but may meet rows that were impossible "
        "before: NULL, duplicates, orphans."
    ),
    "LM311": (
        "NOT VALID holds for new rows only. Existing rows that violate the constraint stay, the "
        "planner does not use it, and a dump of such a table cannot be restored."
    ),
    "LM408": (
        "PostgreSQL cuts a long name off with a notice, so that two names may become one, and "
        "autogenerate finds another name than that of the models. MariaDB and MySQL refuse it."
    ),
    "LM409": (
        "MySQL before 9.0 and MariaDB before 10.5 read REFERENCES in the definition of a column "
        "and do nothing. MySQL 9.7 and MariaDB 10.11 create the foreign key, as measured."
    ),
    "LM506": (
        "Without autovacuum a table grows. Without a replica identity an UPDATE of a published "
        "table fails."
    ),
    "LM701": (
        "Names in the body are looked up in the search_path of the caller, who can put a table or "
        "a function of that name before the real one and so act with the rights of the owner."
    ),
    "LM702": (
        "Revision files are kept in version control, and the text of statements in logs and in "
        "pg_stat_statements. Lint does not show the password."
    ),
    "LM703": "Rows are no longer held back from roles that could not see them.",
    "LM704": ("A value that is put into the text of a statement may end it and begin another one."),
    "LM801": (
        "A key of 32 bits ends at 2,147,483,647, and a change of its type writes the table again."
    ),
    "LM802": (
        "A shorter length writes the table again and fails on longer values; CHECK can be "
        "replaced without either. char(n) is padded with spaces."
    ),
    "LM803": "PostgreSQL ignores the time zone of what is written into it.",
    "LM804": (
        "A serial is a sequence with privileges of its own, which a role with INSERT on the table "
        "does not have, and a default that anybody can overwrite."
    ),
    "LM805": "json has no equality: DISTINCT, GROUP BY and UNION fail. jsonb has, and indexes.",
    "LM806": (
        "Logical replication cannot update its rows, and a row cannot be named in a correction."
    ),
    "LM807": "Each server makes up another name, and a later revision has to know it.",
    "LM808": "The search_path of the session decides which table it is.",
    "LM809": "It is larger than all others, which changes what comparisons with < and > return.",
    "LM904": "The models of a later release may have other columns than the tables have when the"
    " revision runs, so that its queries fail, or do something else, on a new database.",
}


def page() -> str:
    """Return the text of the page."""
    sys.path.insert(0, str(ROOT))
    from tests.cases.lint.rules import OLD_SERVER_CASES, PYTHON_CASES, RULE_CASES

    from limbeck.lint import RULES

    parts = [_HEAD]
    for rule in sorted(RULES, key=lambda one: one.code):
        cases = [case for case in RULE_CASES if case.code == rule.code]
        parts.append(f"({rule.code.lower()})=\n## {rule.code}: {rule.name}\n")
        if rule.is_optional:
            parts.append("*Off by default.*\n")
        parts.append(f"**What happens:** {rule.summary}\n")
        parts.append(f"**Why:** {_REASONS[rule.code]}\n")
        if rule.dangers:
            parts.append(f"**Dangers:** {', '.join(f'`{danger}`' for danger in rule.dangers)}.\n")
        else:
            parts.append(f"**Severity:** {rule.severity}.\n")
        parts.append(f"**Instead:** {rule.advice}\n")
        if cases:
            versions = dict.fromkeys(_VERSIONS[case.kind] for case in cases)
            parts.append(f"**Measured on:** {', '.join(versions)}.\n")
            parts += _shown(cases[0].bad, cases[0].good)
        if rule.code in OLD_SERVER_CASES:
            kind, version, bad, good = OLD_SERVER_CASES[rule.code]
            shown = ".".join(map(str, version))
            parts.append(f"**Known of:** {_NAMES[kind]}, for example {shown}.\n")
            parts += _shown((bad,), (good,))
        if rule.code in PYTHON_CASES:
            for title, body in zip(("Bad", "Good"), PYTHON_CASES[rule.code], strict=True):
                parts.append(f"{title}:\n\n```python\n{body}\n```\n")
    rows = "".join(f"| {warning} | {reason} |\n" for warning, reason in _NO_RULES)
    parts.append(
        "(what-is-not-a-rule)=\n## What is not a rule\n\n"
        f"| warning of other tools | why lint has no rule for it |\n|---|---|\n{rows}"
    )
    return "\n".join(parts)


def _shown(bad: tuple[str, ...], good: tuple[str, ...]) -> list[str]:
    return [_code("Bad", bad), *([_code("Good", good)] if good else [])]


def _code(title: str, statements: tuple[str, ...]) -> str:
    lines = []
    for one in statements:
        if one.startswith("@"):
            lines.append("-- in an autocommit block")
        lines.append(f"{one.removeprefix('@')};")
    # the general lexer of SQL does not know dollar quotes
    language = "postgresql" if any("$$" in line for line in lines) else "sql"
    return f"{title}:\n\n```{language}\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
