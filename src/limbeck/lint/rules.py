"""The rules: which danger of which statement has which code, and what to write instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_ANY = ""
_WAITS = ("rewrite", "reads-long", "writes-long", "updates-long")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule.

    Args:
        code: its code, as comments and configuration name it.
        name: a short name.
        dangers: the dangers that it is about.
        pattern: a regular expression that the statement contains; every statement if empty.
        summary: what happens, in one sentence.
        advice: what to do instead.
    """

    code: str
    name: str
    dangers: tuple[str, ...]
    pattern: str
    summary: str
    advice: str


# The first rule that fits is taken.
RULES = (
    # ── failing statements ──
    Rule("LM401", "add-not-null-column", ("fails-on-rows",), r"ADD\s+(COLUMN\s+)?.*NOT\s+NULL",
         "A new column that is not nullable and has no default cannot be added to a table with "
         "rows.",
         "Add it nullable or with a constant default, fill existing rows, then make it not "
         "nullable."),
    Rule("LM402", "not-null-rejects-rows", ("fails-on-rows",), r"SET\s+NOT\s+NULL|NOT\s+NULL",
         "Making a column not nullable fails if existing rows hold NULL in it.",
         "Count the NULLs first and fill them in a migration before this one."),
    Rule("LM403", "unique-rejects-rows", ("fails-on-rows",),
         r"\bUNIQUE\b|PRIMARY\s+KEY|\bEXCLUDE\b",
         "A unique constraint or index fails if existing rows hold duplicate values.",
         "Find the duplicates first, and remove them in a migration before this one."),
    Rule("LM404", "foreign-key-rejects-rows", ("fails-on-rows",), r"FOREIGN\s+KEY|REFERENCES",
         "A foreign key fails if existing rows refer to rows that do not exist.",
         "Find the orphans first, and delete or correct them."),
    Rule("LM405", "check-rejects-rows", ("fails-on-rows",), r"\bCHECK\b|VALIDATE|ATTACH",
         "A check constraint fails if existing rows violate it.",
         "Find the rows that violate it first, and correct them."),
    Rule("LM406", "type-change-rejects-rows", ("fails-on-rows",), r"\bTYPE\b|MODIFY|CHANGE",
         "A change of type fails on the first existing value that the new type does not accept.",
         "Check the longest and largest values first, or add a new column and convert in batches."),
    Rule("LM407", "rejects-rows", ("fails-on-rows",), _ANY,
         "The statement succeeds on empty tables and fails on rows that the schema allows.",
         "Query for such rows before the migration runs, and correct them."),
    Rule("LM601", "transaction-not-possible", ("fails-in-tx",), _ANY,
         "The statement cannot be part of a transaction; limbeck commits what precedes it, other "
         "tools fail.",
         "Put it in `with op.get_context().autocommit_block():`, in a separate revision."),
    Rule("LM400", "fails", ("fails-always",), _ANY,
         "The statement fails on the schema of the parent revision, even without rows.",
         "Correct the statement."),
    # ── lost data ──
    Rule("LM301", "drop-table", ("loses",), r"DROP\s+TABLE", "All rows of the table are lost.",
         "Release a version that does not use the table first; rename it and drop it later."),
    Rule("LM302", "drop-column", ("loses",), r"ALTER\s+TABLE\b.*\bDROP\b", "Values are lost.",
         "Release a version that does not use the column first, and drop it in a later one."),
    Rule("LM303", "truncate", ("loses",), r"TRUNCATE", "All rows of the table are lost.",
         "Delete only the rows that are not needed, in batches."),
    Rule("LM304", "delete-rows", ("loses",), r"DELETE", "Most rows of the table are deleted.",
         "Delete with a condition, in batches."),
    Rule("LM305", "narrowing-type", ("loses",), r"\bTYPE\b|MODIFY|CHANGE|CONVERT",
         "The new type keeps only a part of the values: digits or a time are cut off.",
         "Add a new column and keep the old one until it is no longer used."),
    Rule("LM306", "loses-data", ("loses",), _ANY, "Data is lost.",
         "Save what is needed before the migration runs."),
    # ── running code ──
    Rule("LM501", "rename", ("breaks",), r"\bRENAME\b|\bCHANGE\b|SET\s+SCHEMA",
         "The running release still uses the old name and fails until it is replaced.",
         'Keep the name in the database (`mapped_column("old_name")`), or expand and contract '
         "in two releases."),
    Rule("LM502", "drop-used-object", ("breaks",), r"\bDROP\s+(?!DEFAULT|NOT\s)|DETACH|REVOKE",
         "The running release still uses the dropped object and fails until it is replaced.",
         "Release a version that does not use it first."),
    Rule("LM503", "rejects-running-writes", ("breaks",),
         r"NOT\s+NULL|CHECK|UNIQUE|FOREIGN|PRIMARY|ADD\s|DEFAULT",
         "The running release writes rows that the database will reject.",
         "Release a version that writes acceptable rows first."),
    Rule("LM504", "changes-access", ("breaks",), r"ROW\s+LEVEL|POLICY|GRANT|OWNER",
         "The role of the running release sees fewer rows, or none.",
         "Create the policies and grants in the same transaction, before the change."),
    Rule("LM505", "changes-behaviour", ("breaks",), _ANY,
         "The running release fails or gets other results.",
         "Release a version that works with both, then change the database."),
    Rule("LM309", "drops-dependents", ("drops-objects",), _ANY,
         "Objects that the statement does not name are dropped or changed with it.",
         "Drop every object in a separate statement, without CASCADE."),
    # ── locks held while the table is worked on ──
    Rule("LM101", "index-blocks-writes", _WAITS,
         r"CREATE\s+(UNIQUE\s+|FULLTEXT\s+|SPATIAL\s+)?INDEX",
         "Nobody can write to the table while the index is built.",
         "On PostgreSQL build it CONCURRENTLY in an autocommit block."),
    Rule("LM103", "rebuild", _WAITS, r"\b(REINDEX|CLUSTER|VACUUM|OPTIMIZE|FORCE)\b",
         "The table or its indexes are built again under a lock.",
         "Use REINDEX CONCURRENTLY, or a tool that rebuilds online."),
    Rule("LM107", "exclusion-constraint", _WAITS, r"\bEXCLUDE\b",
         "The whole table is read and an index built while nobody can read or write.",
         "There is no form without this lock: create a new table and swap, or plan a window."),
    Rule("LM105", "foreign-key-scan", _WAITS, r"FOREIGN\s+KEY|REFERENCES",
         "All rows are compared with the other table while both reject writes.",
         "On PostgreSQL add it NOT VALID, and VALIDATE it in another transaction."),
    Rule("LM106", "check-scan", _WAITS, r"ALTER\s+TABLE\b.*\bADD\s.*\bCHECK\b",
         "All rows are checked while nobody can read or write.",
         "On PostgreSQL add it NOT VALID, and VALIDATE it in another transaction."),
    Rule("LM104", "unique-index-build", _WAITS, r"\bUNIQUE\b|PRIMARY\s+KEY",
         "An index is built while nobody can read or write.",
         "Build a unique index CONCURRENTLY, then ADD CONSTRAINT ... USING INDEX."),
    Rule("LM108", "not-null-scan", _WAITS, r"SET\s+NOT\s+NULL",
         "All rows are read while nobody can read or write.",
         "Add CHECK (column IS NOT NULL) NOT VALID, validate it in another transaction, then SET "
         "NOT NULL reads nothing."),
    Rule("LM109", "validate-under-lock", _WAITS, r"\bVALIDATE\b",
         "The rows are checked under the lock that an earlier statement of the transaction took.",
         "Validate in another transaction or revision than the one that adds the constraint."),
    Rule("LM110", "type-change", _WAITS, r"\bTYPE\b|\bMODIFY\b|\bCHANGE\b|\bCONVERT\b",
         "The table is rewritten or read as a whole under a lock.",
         "Add a new column, write to both, fill it in batches, then swap."),
    Rule("LM111", "column-rewrites-table", _WAITS, r"ALTER\s+TABLE\b.*\bADD\b",
         "The new column makes the server write or read every row under a lock.",
         "Add the column without a volatile default or generated values, then fill it in batches."),
    Rule("LM112", "domain-scan", _WAITS, r"\bDOMAIN\b",
         "Every table that uses the domain is read while it rejects writes.",
         "Add the constraint NOT VALID, and validate it in a quiet hour."),
    Rule("LM113", "storage-change", _WAITS,
         r"LOGGED|ACCESS\s+METHOD|TABLESPACE|ENGINE|ROW_FORMAT",
         "The table is written again under a lock.", "Copy into a new table and swap the names."),
    Rule("LM114", "partition-scan", _WAITS, r"\bPARTITION\b",
         "Rows of a partition are read while the partitioned table waits.",
         "Add a CHECK like the partition's bound, validated, before the partition is attached."),
    Rule("LM115", "refresh-blocks-reads", _WAITS, r"REFRESH",
         "Nobody can read the materialized view while it is filled.",
         "REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index."),
    Rule("LM118", "mass-update", _WAITS, r"\b(UPDATE|DELETE|MERGE|INSERT)\b",
         "Many rows stay locked until the transaction ends.",
         "Change the rows in batches, each in a separate transaction."),
    Rule("LM120", "work-under-lock", _WAITS, _ANY,
         "Work that grows with the table is done while others wait.",
         "Put it in another transaction than the statement that takes the lock."),
    Rule("LM602", "half-applied", ("half-applied",), _ANY,
         "A failure leaves a part of the change in the database.",
         "Put each such statement into a separate revision."),
    Rule("LM116", "brief-lock", (), _ANY, "A lock is taken briefly.",
         "Nothing, as long as lock_timeout is set: limbeck waits briefly and tries again."),
    Rule("LM901", "unused-ignore", (), _ANY, "A comment ignores a rule that finds nothing here.",
         "Delete the comment."),
    Rule("LM902", "ignore-without-reason", (), _ANY, "A comment ignores a rule without a reason.",
         "Write the reason after the bracket."),
    Rule("LM903", "not-measured", (), _ANY, "The revision could not be run on a scratch database.",
         "See the message. The statements were judged by their text."),
    Rule("LM904", "imports-models", (), _ANY,
         "The revision imports models, which will have changed when it is run on another database.",
         "Name tables and columns in the revision (`sa.table`, `sa.column`), or use `op.tables`."),
)  # fmt: skip
BRIEF_LOCK, UNUSED_IGNORE, NO_REASON, NOT_MEASURED = "LM116", "LM901", "LM902", "LM903"
IMPORTED_MODELS = "LM904"
_COPY = "_alembic_tmp_"
_COPY_STEPS = rf"\bDROP\s+TABLE\s[^;]*|\bALTER\s+TABLE\s+[\"`]?{_COPY}[^;]*"


def rule_for(danger: str, statement: str) -> Rule:
    """Return the rule for a danger of a statement."""
    if _COPY in statement:
        # the copy of a table on SQLite drops nothing and renames nothing for its users
        statement = _compiled(_COPY_STEPS).sub("", statement)
    return next(
        rule
        for rule in RULES
        if danger in rule.dangers and _compiled(rule.pattern).search(statement)
    )


def rule_of_code(code: str) -> Rule | None:
    """Return the rule with a code or name, None for none."""
    return next((rule for rule in RULES if code in {rule.code, rule.name}), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
