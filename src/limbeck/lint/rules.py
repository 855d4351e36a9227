"""The rules: which danger of which statement has which code, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from limbeck.errors import InvalidValueError
from limbeck.lint.findings import NOTICE, WARNING

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
        severity: that of a finding without dangers.
        is_optional: the setting `lint_rules` switches it on.
    """

    code: str
    name: str
    dangers: tuple[str, ...]
    pattern: str
    summary: str
    advice: str
    severity: str = WARNING
    is_optional: bool = False


# The first rule that fits is taken.
RULES = (
    # ── failing statements ──
    Rule("LM401", "add-not-null-column", ("fails-on-rows",), r"ADD\s+(COLUMN\s+)?.*NOT\s+NULL",
         "A new column that is not nullable and has no default cannot be added to a table with "
         "rows.",
         "Add it nullable or with a constant default, fill existing rows, then make it not "
         "nullable."),
    Rule("LM402", "not-null-rejects-rows", ("fails-on-rows",),
         r"\bNOT\s+NULL",
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
    # ── the text of a statement ──
    Rule("LM117", "statistics-lost", (), _ANY,
         "The planner has no statistics of a column or an expression until the next ANALYZE.",
         "ANALYZE the table at the end of the revision.", NOTICE),
    Rule("LM119", "index-dropped", (), _ANY,
         "An index is dropped that queries may use.",
         "Look at pg_stat_user_indexes.idx_scan, or sys.schema_unused_indexes, first; build a "
         "replacement before.", NOTICE),
    Rule("LM121", "corrupt-concurrent-index", (), _ANY,
         "PostgreSQL 14.0 to 14.3 may leave rows out of an index that is built concurrently.",
         "Upgrade to 14.4 or later first, and rebuild indexes that were built before."),
    Rule("LM310", "guarantee-lost", (), _ANY,
         "The database no longer guarantees what the running code may rely on.",
         "Release code that can deal with such rows first; replace the constraint in the same "
         "revision where another one is meant.", NOTICE),
    Rule("LM311", "not-validated", (), _ANY,
         "A constraint is added NOT VALID, and no revision validates it.",
         "Add a revision with VALIDATE CONSTRAINT.", NOTICE),
    Rule("LM408", "long-identifier", (), _ANY,
         "A name is longer than the server accepts.",
         "Choose a name of at most 63 bytes on PostgreSQL, 64 characters on MariaDB and MySQL."),
    Rule("LM409", "ignored-references", (), _ANY,
         "The server ignores REFERENCES in the definition of a column.",
         "Add the foreign key as a constraint of the table."),
    Rule("LM506", "maintenance-changed", (), _ANY,
         "What vacuum or logical replication does with the table changes.",
         "Tell the operators of the replicas, and plan when to undo the change.", NOTICE),
    Rule("LM701", "definer-without-search-path", (), _ANY,
         "A SECURITY DEFINER function resolves names with the search_path of its caller.",
         "Add SET search_path = pg_catalog, pg_temp, and name schemas in the body."),
    Rule("LM702", "secret", (), _ANY,
         "The statement contains a password.",
         "Create the account without a password, and set it outside of migrations."),
    Rule("LM703", "access-widened", (), _ANY,
         "More roles can see or change rows than before.",
         "Name the roles, and have the change approved.", NOTICE),
    Rule("LM704", "dynamic-sql", (), _ANY,
         "A routine executes a statement that it builds from strings.",
         "Use format() with %I and %L, or EXECUTE ... USING; PREPARE with ? on MariaDB and MySQL.",
         NOTICE),
    # ── style: switched on by the setting `lint_rules` ──
    Rule("LM801", "prefer-bigint", (), _ANY, "A number has 32 bits or less.",
         "Use bigint for keys and counters.", is_optional=True),
    Rule("LM802", "prefer-text", (), _ANY, "The length of a text is part of its type.",
         "Use text, with a CHECK where a length matters.", is_optional=True),
    Rule("LM803", "prefer-timestamptz", (), _ANY, "A time has no time zone.",
         "Use timestamptz.", is_optional=True),
    Rule("LM804", "prefer-identity", (), _ANY, "A number comes from a serial.",
         "Use GENERATED BY DEFAULT AS IDENTITY.", is_optional=True),
    Rule("LM805", "prefer-jsonb", (), _ANY, "A document is json.",
         "Use jsonb.", is_optional=True),
    Rule("LM806", "no-primary-key", (), _ANY, "A table has no primary key.",
         "Add one.", is_optional=True),
    Rule("LM807", "unnamed-constraint", (), _ANY, "The server chooses the name of a constraint.",
         "Name it, or set naming_convention in the MetaData.", is_optional=True),
    Rule("LM808", "unqualified-table", (), _ANY, "The schema of a table is not named.",
         'Name it with `schema="..."`.', is_optional=True),
    Rule("LM809", "enum-value-without-place", (), _ANY,
         "A new enum value has no place among the others.",
         "Add it BEFORE or AFTER another value.", is_optional=True),
)  # fmt: skip
BRIEF_LOCK, UNUSED_IGNORE, NO_REASON, NOT_MEASURED = "LM116", "LM901", "LM902", "LM903"
IMPORTED_MODELS = "LM904"
_COPY = "_alembic_tmp_"
_COPY_STEPS = rf"\bDROP\s+TABLE\s[^;]*|\bALTER\s+TABLE\s+[\"`]?{_COPY}[^;]*"


FAILS_ON_ROWS = "it fails on rows: "
"""The beginning of the detail that quotes the error of a statement."""
MADE_NOT_NULL = "becomes NOT NULL: "
"""The beginning of the detail that names columns that could hold NULL before the statement."""
_REPEATED_NOT_NULL = r"\b(MODIFY|CHANGE)\b.*\bNOT\s+NULL"


def rule_for(danger: str, statement: str, details: Iterable[str] = ()) -> Rule:
    """Return the rule for a danger of a statement.

    Args:
        danger: a name of `DANGERS`.
        statement: the statement.
        details: the details of its verdict.
    """
    if _COPY in statement:
        # the copy of a table on SQLite drops nothing and renames nothing for its users
        statement = _compiled(_COPY_STEPS).sub("", statement)
        if danger == "fails-on-rows":
            # it contains the definition of the whole table; the error names the constraint
            statement = next((one for one in details if one.startswith(FAILS_ON_ROWS)), statement)
    is_new = any(one.startswith(MADE_NOT_NULL) for one in details)
    if danger == "fails-on-rows" and not is_new and _compiled(_REPEATED_NOT_NULL).search(statement):
        # MODIFY repeats the whole definition; only a new NOT NULL is a reason to fail
        statement = _compiled(r"\bNOT\s+NULL\b").sub("", statement)
    return next(
        rule
        for rule in RULES
        if danger in rule.dangers and _compiled(rule.pattern).search(statement)
    )


STYLE = "style"
"""What the setting `lint_rules` calls all optional rules."""


def optional_codes(names: Iterable[str]) -> frozenset[str]:
    """Return the codes of optional rules.

    Args:
        names: their codes or names; "style" for all of them.

    Raises:
        InvalidValueError: a name is not that of an optional rule.
    """
    found: set[str] = set()
    for name in names:
        rule = rule_of_code(name)
        if name == STYLE:
            found |= {one.code for one in RULES if one.is_optional}
        elif rule is None or not rule.is_optional:
            raise InvalidValueError(
                f"lint_rules names {name!r}, which is not an optional rule",
                hint="The optional rules are LM801 to LM809; `style` names all of them.",
                code="LB634",
            )
        else:
            found.add(rule.code)
    return frozenset(found)


def rule_of_code(code: str) -> Rule | None:
    """Return the rule with a code or name, None for none."""
    return next((rule for rule in RULES if code in {rule.code, rule.name}), None)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.DOTALL)
