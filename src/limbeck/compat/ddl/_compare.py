"""The methods of `DefaultImpl` that compare types, defaults, constraints and indexes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from limbeck.compat.ddl._autogen import ComparisonResult
from limbeck.dialects import undoubled
from limbeck.dialects.alembic_types import (
    NUMBERS,
    Params,
    has_same_arguments,
    is_same_type,
    type_params,
)

if TYPE_CHECKING:
    from sqlalchemy import Inspector
    from sqlalchemy.engine import Dialect as EngineDialect


class Comparing:
    """Comparisons that third-party code calls or overrides."""

    dialect: EngineDialect
    connection: Any

    type_synonyms: tuple[Collection[str], ...] = (NUMBERS,)
    type_arg_extract: Collection[str] = ()
    identity_attrs_ignore: tuple[str, ...] = ("order", "on_null")

    # ── types ─────────────────────────────────────────────────────────────

    def compare_type(
        self, inspector_column: sa.Column[Any], metadata_column: sa.Column[Any]
    ) -> bool:
        """Return whether the types of two columns differ."""
        have = self._tokenize_column_type(inspector_column)
        want = self._tokenize_column_type(metadata_column)
        return not (self._column_types_match(have, want) and self._column_args_match(have, want))

    def _tokenize_column_type(self, column: sa.Column[Any]) -> Params:
        return type_params(self.dialect.type_compiler_instance.process(column.type))

    def _column_types_match(self, inspector_params: Params, metadata_params: Params) -> bool:
        return is_same_type(inspector_params, metadata_params, self.type_synonyms)

    def _column_args_match(self, inspected_params: Params, meta_params: Params) -> bool:
        return has_same_arguments(inspected_params, meta_params, tuple(self.type_arg_extract))

    def render_type(self, type_obj: Any, autogen_context: Any) -> Any:
        """Return the source of a type, or False to use limbeck's; a hook."""
        del type_obj, autogen_context
        return False

    # ── expressions ───────────────────────────────────────────────────────

    def compare_server_default(
        self,
        inspector_column: Any,
        metadata_column: Any,
        rendered_metadata_default: str | None,
        rendered_inspector_default: str | None,
    ) -> bool:
        """Return whether two server defaults differ, by their text."""
        del inspector_column, metadata_column
        have, want = rendered_inspector_default, rendered_metadata_default
        if want is None or have is None:
            return want is not have
        return self._strip_default(want) != self._strip_default(have)

    @staticmethod
    def _strip_default(default: str) -> str:
        """Return a server default without the text that the database adds."""
        return default

    def render_ddl_sql_expr(
        self,
        expr: Any,
        is_server_default: bool = False,  # noqa: FBT001, FBT002
        **kw: Any,
    ) -> str:
        """Return an expression as written in DDL, with literal values."""
        del is_server_default, kw
        keywords = {"literal_binds": True, "include_table": False}
        return undoubled(expr.compile(dialect=self.dialect, compile_kwargs=keywords))

    def _compare_identity_default(
        self, metadata_identity: Any, inspector_identity: Any
    ) -> tuple[set[str], set[str], bool]:
        # the result: differences, insignificant differences, whether ALTER supports the change
        names = ("always", "start", "increment", "minvalue", "maxvalue", "nominvalue",
                 "nomaxvalue", "cycle", "cache", "order", "on_null")  # fmt: skip
        want, have = _identity_words(metadata_identity), _identity_words(inspector_identity)
        differs = {name for name in names if want.get(name) != have.get(name)}
        ignored = differs & set(self.identity_attrs_ignore)
        both = isinstance(metadata_identity, sa.Identity) and isinstance(
            inspector_identity, sa.Identity
        )
        return differs - ignored, ignored, both

    # ── constraints and indexes ───────────────────────────────────────────

    def compare_indexes(
        self, metadata_index: sa.Index, reflected_index: sa.Index
    ) -> ComparisonResult:
        """Compare two indexes with the same name."""
        reasons = []
        if bool(metadata_index.unique) != bool(reflected_index.unique):
            uniqueness = (str(bool(reflected_index.unique)), str(bool(metadata_index.unique)))
            reasons.append(f"unique={uniqueness[0]} to unique={uniqueness[1]}")
        want, have = self._members(metadata_index), self._members(reflected_index)
        if want != have:
            reasons.append(f"expression {', '.join(have)} to {', '.join(want)}")
        return ComparisonResult.Different(reasons) if reasons else ComparisonResult.Equal()

    def _members(self, index: sa.Index) -> list[str]:
        return [
            member.name
            if isinstance(member, sa.Column)
            else _without_parentheses(self._written(member))
            for member in index.expressions
        ]

    def _written(self, expression: Any) -> str:
        if isinstance(expression, str):
            return expression
        return self.render_ddl_sql_expr(expression, is_index=True)

    def compare_unique_constraint(
        self, metadata_constraint: Any, reflected_constraint: Any
    ) -> ComparisonResult:
        """Compare two unique constraints with the same name."""
        want = {column.name for column in metadata_constraint.columns}
        have = {column.name for column in reflected_constraint.columns}
        if want == have:
            return ComparisonResult.Equal()
        return ComparisonResult.Different(f"expression {sorted(have)} to {sorted(want)}")

    def compare_check_constraint(
        self, metadata_constraint: Any, reflected_constraint: Any
    ) -> ComparisonResult:
        """Compare two check constraints with the same name, by their text."""
        want = _without_parentheses(self._written(metadata_constraint.sqltext))
        have = _without_parentheses(self._written(reflected_constraint.sqltext))
        if want == have:
            return ComparisonResult.Equal()
        return ComparisonResult.Different(f"expression {have} to {want}")

    def correct_for_autogen_constraints(
        self,
        conn_uniques: set[Any],
        conn_indexes: set[Any],
        metadata_unique_constraints: set[Any],
        metadata_indexes: set[Any],
    ) -> None:
        """Remove from the sets what is not compared; a hook for subclasses."""

    def correct_for_autogen_foreignkeys(
        self, conn_fks: Iterable[Any], metadata_fks: Iterable[Any]
    ) -> None:
        """Change foreign keys before they are compared; a hook for subclasses."""

    def adjust_reflected_dialect_options(
        self, reflected_object: dict[str, Any], kind: str
    ) -> dict[str, Any]:
        """Return the dialect options of a reflected object in the form that models use."""
        del kind
        return dict(reflected_object.get("dialect_options") or {})

    def autogen_column_reflect(
        self, inspector: Inspector, table: sa.Table, column_info: Any
    ) -> None:
        """Change a column while it is reflected; a hook for subclasses."""


def _identity_words(identity: Any) -> dict[str, Any]:
    if not isinstance(identity, sa.Identity):
        return {}
    ordinary = {"start": 1, "increment": 1, "cache": 1}
    keywords: dict[str, Any] = {"always": bool(identity.always), "cycle": bool(identity.cycle)}
    for name, value in ordinary.items():
        given = getattr(identity, name)
        keywords[name] = value if given is None else given
    for name in ("minvalue", "maxvalue", "nominvalue", "nomaxvalue", "order", "on_null"):
        keywords[name] = getattr(identity, name, None) or None
    return keywords


def _without_parentheses(text: str) -> str:
    return re.sub(r"[\s\"`\[\]()]", "", text).lower()
