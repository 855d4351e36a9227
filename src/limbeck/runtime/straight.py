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


class Straight:
    """Says of programs whether they only build values of SQLAlchemy and hand them to `op`.

    Such a program cannot see, wait for or change anything but by the statements it sends, so
    that what is due before its first statement may be sent together with it. A program that
    imports, takes arguments, calls functions of its own or names another way to a database is
    not one of these, although it may do no more.
    """

    def __init__(self) -> None:
        self._attributes: dict[str, bool] = {}
        self._last: tuple[object, bool] = (None, False)

    def __call__(self, program: Callable[..., Any]) -> bool:
        """Say it of one."""
        code = getattr(program, "__code__", None)
        if code is None or code is not self._last[0]:
            self._last = (code, self._is_straight(program, code))
        return self._last[1]

    def _is_straight(self, program: Callable[..., Any], code: object) -> bool:
        if type(program) is not FunctionType or not isinstance(code, CodeType):
            return False
        if code.co_argcount or code.co_kwonlyargcount or code.co_freevars:
            return False
        if code.co_flags & _NOT_PLAIN or any(isinstance(one, CodeType) for one in code.co_consts):
            return False
        if _IMPORTS in code.co_code[::2]:
            return False
        around = program.__globals__
        return all(
            _is_harmless(around[name]) if name in around else self._is_attribute(name)
            for name in code.co_names
        )

    def _is_attribute(self, name: str) -> bool:
        """Say whether a name leads nowhere; one of `op` may be somebody else's directive."""
        if name not in self._attributes:
            leads_out = name in _WAYS_OUT or hasattr(builtins, name) or hasattr(Operations, name)
            self._attributes[name] = name in _DIRECTIVES or not leads_out
        return self._attributes[name]


def _is_harmless(value: object) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__ in _OPS or _is_of_sqlalchemy(value.__name__)
    if isinstance(value, _PLAIN):
        return True
    home = getattr(value, "__module__", None) or type(value).__module__
    return isinstance(home, str) and _is_of_sqlalchemy(home)


def _is_of_sqlalchemy(module: str) -> bool:
    first, _, rest = module.partition(".")
    return first == "sqlalchemy" and rest.partition(".")[0] not in _PLACES_OUT
