"""The schema of SQLite: its stored statements, parsed, and its pragmas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

_WORD = re.compile(
    r"""'(?:[^']|'')*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] | [\w$.]+ | \s+ | .""",
    re.VERBOSE | re.DOTALL,
)


def sqlite_account(engine: sa.Engine, own: tuple[str, ...], explicit_names: set[str]) -> list[str]:
    """Return the lines in which a SQLite database describes itself."""
    found = []
    with engine.connect() as connection:

        def run(sql: str) -> list[Any]:
            return list(connection.exec_driver_sql(sql.replace("%", "%%")).all())

        for name, sort, text in run("SELECT name, type, sql FROM sqlite_schema"):
            if name in own or name.startswith("sqlite_"):
                continue
            if sort != "table":
                found.append(_plain(text))
                continue
            quoted = "'" + name.replace("'", "''") + "'"
            words = [
                f"table {name}",
                *sorted(_normalized(item, explicit_names) for item in _items(text)),
            ]
            words += sorted(_column(row) for row in run(f"PRAGMA table_xinfo({quoted})"))
            words += sorted(f"key {row[1:]}" for row in run(f"PRAGMA foreign_key_list({quoted})"))
            for index in run(f"PRAGMA index_list({quoted})"):
                label = "'" + index[1].replace("'", "''") + "'"
                members = [row[2:] for row in run(f"PRAGMA index_xinfo({label})")]
                # behind the key stand the other columns of the table, in its order
                members.sort(key=lambda row: "" if row[3] else str(row[0]))
                words.append(f"index {index[2:]} {members}")
            head, tail = words[0], words[1:]
            found.append("\n".join([head, *sorted(_without_places(word) for word in tail)]))
        broken = run("PRAGMA foreign_key_check")
        if broken:
            found.append(f"rows without parents: {broken}")
    return sorted(found)


def _normalized(item: str, explicit_names: set[str]) -> str:
    # What says nothing: a name that the models do not say, VIRTUAL, no default at all.
    found = re.match(r'CONSTRAINT ("(?:[^"]|"")*"|\S+) ', item)
    if found and found[1].strip('"') not in explicit_names:
        item = item[found.end() :]
    item = _plain_number(item.removesuffix(" INITIALLY IMMEDIATE"))
    return item.removesuffix(" VIRTUAL").replace(" DEFAULT NULL", "")


_NUMBERS = re.compile(r"INT|NUMERIC|FLOAT|DECIMAL|BOOLEAN|DOUBLE")


def _plain_number(item: str) -> str:
    # a column of numbers makes a number of a text
    if not _NUMBERS.search(item):
        return item
    return re.sub(r"DEFAULT '(-?[\d.]+)'", r"DEFAULT \1", item).replace("DEFAULT - ", "DEFAULT -")


def _column(row: Any) -> str:
    """Return what a pragma says of a column, its place aside."""
    words = list(row[1:])
    if words[3] == "NULL":
        words[3] = None
    elif words[3] and _NUMBERS.search(words[1]):
        words[3] = words[3].strip("'")
    return f"x {tuple(words)}"


def _without_places(word: str) -> str:
    # foreign_key_list numbers its rows, in an order of its own
    return re.sub(r"^(key )\((\d+), ", r"\1(", word)


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if not word.isspace()]


def _plain(text: str) -> str:
    return " ".join(_bare(word) for word in _words(text))


def _bare(word: str) -> str:
    if word[0] in '"`[':
        inner = word[1:-1].replace(word[0] * 2, word[0])
        return inner if re.fullmatch(r"\w+", inner) else '"' + inner.replace('"', '""') + '"'
    return word


def _items(text: str) -> Iterator[str]:
    """Yield the columns and constraints of a CREATE TABLE, and its options."""
    words = _words(text)
    start = words.index("(")
    depth, item = 0, list[str]()
    for place, word in enumerate(words[start:], start):
        depth += (word == "(") - (word == ")")
        if depth == 0:
            yield from _parts(item)
            yield "options " + " ".join(words[place + 1 :])
            return
        if depth == 1 and word in {",", "("} and (word == "," or place == start):
            if item:
                yield from _parts(item)
            item = []
            continue
        item.append(_bare(word))


def _parts(item: list[str]) -> Iterator[str]:
    """Yield a column and its checks separately: a CHECK of a column equals one of the table."""
    column: list[str] = []
    place = 0
    while place < len(item):
        named = item[place] == "CONSTRAINT" and item[place + 2 : place + 3] == ["CHECK"]
        if not named and item[place] != "CHECK":
            column.append(item[place])
            place += 1
            continue
        end, depth = place + (2 if named else 0) + 1, 0
        while True:
            depth += (item[end] == "(") - (item[end] == ")")
            end += 1
            if depth == 0:
                break
        yield " ".join(item[place:end])
        place = end
    if column:
        yield " ".join(column)
