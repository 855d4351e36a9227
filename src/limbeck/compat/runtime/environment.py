"""`alembic.runtime.environment`, based on limbeck's classes."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, Literal, TypeAlias

from limbeck.environment import Environment, MigrationContext

EnvironmentContext = Environment

NameFilterType: TypeAlias = Literal[
    "schema",
    "table",
    "column",
    "index",
    "unique_constraint",
    "foreign_key_constraint",
    "check_constraint",
]
NameFilterParentNames: TypeAlias = MutableMapping[
    Literal["schema_name", "table_name", "schema_qualified_table_name"], str | None
]
IncludeNameFn: TypeAlias = Callable[[str | None, NameFilterType, NameFilterParentNames], bool]
IncludeObjectFn: TypeAlias = Callable[[Any, str | None, NameFilterType, bool, Any], bool]
ProcessRevisionDirectiveFn: TypeAlias = Callable[[MigrationContext, Any, list[Any]], None]
OnVersionApplyFn: TypeAlias = Callable[..., None]
CompareType: TypeAlias = Callable[..., bool | None]
CompareServerDefault: TypeAlias = Callable[..., bool | None]
RenderItemFn: TypeAlias = Callable[[str, Any, Any], str | Literal[False]]

__all__ = [
    "CompareServerDefault",
    "CompareType",
    "EnvironmentContext",
    "IncludeNameFn",
    "IncludeObjectFn",
    "MigrationContext",
    "NameFilterParentNames",
    "NameFilterType",
    "OnVersionApplyFn",
    "ProcessRevisionDirectiveFn",
    "RenderItemFn",
]
