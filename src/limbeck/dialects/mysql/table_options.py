"""Options of a table: engine, character set, row format, partitions, and how to reset them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from limbeck.catalog import Column, Extras, Key, Scalar, Table
from limbeck.dialects.mysql.catalog_queries import quote
from limbeck.dialects.mysql.columns import definition

_LETTERS = ("charset", "collate")
# options that the server shows only if they are set, and the value that resets each
_RESET_VALUES: Mapping[str, str] = {
    "avg_row_length": "0",
    "checksum": "0",
    "delay_key_write": "0",
    "key_block_size": "0",
    "max_rows": "0",
    "min_rows": "0",
    "pack_keys": "DEFAULT",
    "row_format": "DEFAULT",
    "stats_auto_recalc": "DEFAULT",
    "stats_persistent": "DEFAULT",
    "stats_sample_pages": "DEFAULT",
}
_PARTITIONS = ("partition_by", "partitions", "subpartition_by", "subpartitions")

Row = tuple[Any, ...]
_Options = dict[str, "Scalar | tuple[str, ...]"]


def parse_options(options: str) -> dict[str, str]:
    """Return the options that are set, parsed from the text that the server shows.

    Args:
        options: CREATE_OPTIONS of information_schema.TABLES.
    """
    pairs = (pair.split("=", 1) for pair in options.split() if "=" in pair)
    return {word: value for word, value in pairs if not word.startswith("`")}


def paired(have: Extras, want: Extras) -> tuple[Extras, Extras]:
    """Return the compared options of a table on both sides.

    Options that the models do not set are not compared, except options that must have been set
    explicitly. Equivalent spellings are normalized.

    Args:
        have: the options in the database.
        want: the options of the models.
    """
    shown, stated = dict(have), dict(want)
    for word in _RESET_VALUES:
        if str(stated.get(word, "")).upper() == _RESET_VALUES[word]:
            del stated[word]
    partitioned = "partition_by" in stated
    ours: _Options = {
        word: value
        for word, value in shown.items()
        if (word in stated or word in _RESET_VALUES) and word not in _PARTITIONS
    }
    theirs: _Options = {}
    for word, value in stated.items():
        if word in ours:
            theirs[word] = (
                ours[word] if _normalized_value(ours[word]) == _normalized_value(value) else value
            )
        elif word in _RESET_VALUES:
            theirs[word] = value
    if partitioned:
        had, wanted = _partitioning_text(shown), _partitioning_text(stated)
        theirs["partition_by"] = wanted
        if had:
            ours["partition_by"] = wanted if _comparable(had) == _comparable(wanted) else had
    return tuple(sorted(ours.items())), tuple(sorted(theirs.items()))


def _normalized_value(value: object) -> str:
    text = str(value).lower().strip("'\"")
    head, mark, rest = text.partition("_")
    return ("utf8mb3" if head == "utf8" else head) + mark + rest


# ── partitions ────────────────────────────────────────────────────────────


def partitioning(rows: list[Row]) -> str:
    """Return the partitioning of a table as a clause of CREATE TABLE.

    Args:
        rows: the rows of one table, in order: method, expression, name and description of each
            partition, and method and expression of its subpartitions.
    """
    method, expression = rows[0][0], rows[0][1]
    head = f"{method} ({expression or ''})"
    inner = [row for row in rows if row[2] == rows[0][2]]
    sub = f" SUBPARTITION BY {rows[0][4]} ({rows[0][5]}) SUBPARTITIONS {len(inner)}"
    head += sub if rows[0][4] else ""
    names = dict.fromkeys((row[2], row[3]) for row in rows)
    if method.upper().startswith(("RANGE", "LIST")):
        word = "LESS THAN" if method.upper().startswith("RANGE") else "IN"
        parts = (f"PARTITION {quote(name)} VALUES {word} {_bound(text)}" for name, text in names)
        return f"{head} ({', '.join(parts)})"
    return f"{head} PARTITIONS {len(names)}"


def _bound(text: str | None) -> str:
    return str(text) if text == "MAXVALUE" else f"({text})"


def _partitioning_text(extras: Mapping[str, Any]) -> str:
    text = str(extras.get("partition_by", ""))
    if "partitions" in extras:
        text += f" PARTITIONS {extras['partitions']}"
    if "subpartition_by" in extras:
        text += f" SUBPARTITION BY {extras['subpartition_by']}"
    if "subpartitions" in extras:
        text += f" SUBPARTITIONS {extras['subpartitions']}"
    return text


def _comparable(text: str) -> str:
    bare = re.sub(r"engine\s*=\s*\w+|[`\s]+", "", text.lower())
    return re.sub(r"\(maxvalue\)", "maxvalue", re.sub(r"partitions1$", "", bare))


# ── statements ────────────────────────────────────────────────────────────


def table_options(old: Table, new: Table) -> Iterator[str]:
    """Yield the statements that change a table's options."""
    before, after = dict(old.extras), dict(new.extras)
    table = f"ALTER TABLE {_full(new.key)}"
    changed = [
        f"{option.upper()}={after.get(option, _RESET_VALUES.get(option))}"
        for option in sorted({*before, *after})
        if before.get(option) != after.get(option)
        and (option in after or option in _RESET_VALUES)
        and option not in _LETTERS
        and option not in _PARTITIONS
    ]
    if any(before.get(option) != after[option] for option in _LETTERS if option in after):
        # A new default alone would leave the columns in the old character set.
        collate = after.get("collate")
        charset = after.get("charset") or str(collate).partition("_")[0]
        tail = f" COLLATE {collate}" if collate else ""
        changed.append(f"CONVERT TO CHARACTER SET {charset}{tail}")
    if changed:
        yield f"{table} {', '.join(changed)}"
    if changed and changed[-1].startswith("CONVERT"):
        # the conversion also changed the columns with an explicit character set or collation
        own = [column for column in new.columns if _has_own_letters(column, after)]
        if own:
            yield f"{table} {', '.join(f'MODIFY {definition(column)}' for column in own)}"
    if str(before.get("engine", "")).lower() == "aria" and before["engine"] != after.get("engine"):
        # Aria sets this implicitly, and it would remain after a change of the engine.
        yield f"{table} PAGE_CHECKSUM=DEFAULT"
    if before.get("partition_by") != after.get("partition_by"):
        divided = after.get("partition_by")
        yield f"{table} PARTITION BY {divided}" if divided else f"{table} REMOVE PARTITIONING"


def _has_own_letters(column: Column, extras: Mapping[str, Any]) -> bool:
    collation = column.type.collation
    if column.type.name == "json":
        return True  # MariaDB stores it as text with a specific collation
    return collation is not None and _normalized_value(collation) != _normalized_value(
        extras.get("collate")
    )


def table_keywords(table: Table, dialect: str) -> dict[str, Any]:
    """Return the keywords of SQLAlchemy's Table for options that differ from the database's.

    Args:
        table: a table of the database; without the option `usual`, all options are returned, under
            the names that SQLAlchemy's reflection gives them.
        dialect: SQLAlchemy's name of the dialect.
    """
    extras = dict(table.extras)
    names = ("engine", "collate", *_RESET_VALUES, "partition_by")
    if "usual" not in extras and "charset" in extras:
        extras["default_charset"] = extras["charset"]
        names = ("default_charset", *names)
    usual: Any = extras.pop("usual", ())
    return {
        f"{dialect}_{word}": extras[word] for word in names if word in extras and word not in usual
    }


def _full(key: Key) -> str:
    return ".".join(quote(word) for word in key.path if word)
