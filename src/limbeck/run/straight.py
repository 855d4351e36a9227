"""Which programs do nothing but call `op`: between them nobody looks at the database."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from opcode import opmap
from types import CodeType, FunctionType, ModuleType
from typing import Any

from limbeck.operations import Operations

_DIRECTIVES = frozenset(
    {
        "create_table", "drop_table", "rename_table", "add_column", "drop_column",
        "alter_column", "create_index", "drop_index", "create_foreign_key", "create_primary_key",
        "create_unique_constraint", "create_check_constraint", "drop_constraint",
        "create_table_comment", "drop_table_comment", "batch_alter_table", "execute",
        "bulk_insert", "f", "inline_literal",
    }
)  # fmt: skip
# ways from `op` and from SQLAlchemy to the connection, to another one, or to code of others
_WAYS_OUT = frozenset(
    {
        "get_bind", "get_context", "bind", "connection", "migration_context", "impl", "invoke",
        "run_async", "connect", "engine", "create_engine", "create_mock_engine",
        "create_pool_from_url", "engine_from_config", "engines", "pool", "event", "events",
        "inspect", "inspection", "orm", "ext", "util", "testing", "cursor",
        "driver_connection", "begin", "commit", "rollback", "run_callable", "listen",
        "listens_for", "register_operation", "implementation_for",
    }
)  # fmt: skip
_PLACES_OUT = ("engine", "orm", "ext", "pool", "event", "inspection", "util", "testing")
_OPS = frozenset({"limbeck.op", "alembic.op", "limbeck.compat.op"})
_IMPORTS = opmap["IMPORT_NAME"]
_NOT_PLAIN = 0x04 | 0x08 | 0x20 | 0x80 | 0x100 | 0x200  # *arguments, generators, coroutines
_PLAIN = (str, int, float, bool, bytes, type(None))


def is_straight(program: Callable[..., Any]) -> bool:
    """Say whether a program only builds values of SQLAlchemy and hands them to `op`.

    Such a program cannot see, wait for or change anything but by the statements it sends, so
    that what is due before its first statement may be sent together with it. A program that
    imports, takes arguments, calls functions of its own or names another way to a database is
    not one of these, although it may do no more.
    """
    code = getattr(program, "__code__", None)
    if type(program) is not FunctionType or not isinstance(code, CodeType):
        return False
    if code.co_argcount or code.co_kwonlyargcount or code.co_freevars or code.co_flags & _NOT_PLAIN:
        return False
    if any(isinstance(one, CodeType) for one in code.co_consts):
        return False
    names = code.co_names
    if not _WAYS_OUT.isdisjoint(names) or _IMPORTS in code.co_code[::2]:
        return False
    around = program.__globals__
    return all(_is_harmless(name, around) for name in names)


def _is_harmless(name: str, around: dict[str, Any]) -> bool:
    if name not in around:
        # an attribute; of `op` it may be a directive that somebody else has written
        return name in _DIRECTIVES or not (hasattr(builtins, name) or hasattr(Operations, name))
    value = around[name]
    if isinstance(value, _PLAIN):
        return True
    if isinstance(value, ModuleType):
        return value.__name__ in _OPS or _is_of_sqlalchemy(value.__name__)
    home = getattr(value, "__module__", None) or type(value).__module__
    return isinstance(home, str) and _is_of_sqlalchemy(home)


def _is_of_sqlalchemy(module: str) -> bool:
    first, _, rest = module.partition(".")
    return first == "sqlalchemy" and rest.partition(".")[0] not in _PLACES_OUT
