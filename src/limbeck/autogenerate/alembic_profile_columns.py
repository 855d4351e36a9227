"""Compare columns as Alembic does: types by their text, defaults only on request."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from limbeck.catalog import Column, Computed, Expr, Identity, Key, Table, Type
from limbeck.dialects import is_alike

if TYPE_CHECKING:
    from limbeck.autogenerate.comparison import Comparison
    from limbeck.autogenerate.sqlalchemy_objects import Objects

# A mark on a target type that differs because the user's comparison function says so.
_FORCED = (("differs", True),)


def has_custom_comparison(comparison: Comparison) -> bool:
    """Return whether user functions are called for columns even if the columns look equal."""
    detections, rules = comparison.detections, comparison.dialect.alembic
    if callable(detections.compare_type) or callable(detections.compare_server_default):
        return True
    if rules.compare_type is not None or rules.compare_server_default is not None:
        return True
    types = (getattr(origin, "type", None) for origin in comparison.snapshot.origins.objects())
    return any(hasattr(type_, "compare_against_backend") for type_ in types)


def without_unseen_columns(
    comparison: Comparison, objects: Objects, old: Table, new: Table
) -> Iterator[Column]:
    """Yield the target columns of a table without the differences that Alembic does not detect."""
    present = {column.name: column for column in old.columns}
    for column in new.columns:
        had = present.get(column.name)
        if had is None or had == column:
            yield (
                column
                if had is None
                else _compared_by_user(comparison, objects, new.key, had, column)
            )
            continue
        yield replace(
            column,
            type=_type(comparison, objects, new.key, had, column),
            default=_default(comparison, objects, new.key, had, column),
            nullable=had.nullable if _is_identity(had, column) else column.nullable,
        )


def _compared_by_user(
    comparison: Comparison, objects: Objects, owner: Key, old: Column, new: Column
) -> Column:
    """Call the user's comparison functions for a column that looks equal."""
    type_ = _type(comparison, objects, owner, old, new)
    return replace(new, type=type_, default=_default(comparison, objects, owner, old, new))


def _is_identity(old: Column, new: Column) -> bool:
    """Return whether the old or new column is an identity column, which is never nullable."""
    return isinstance(old.default, Identity) or isinstance(new.default, Identity)


# ── types ─────────────────────────────────────────────────────────────────


def _type(comparison: Comparison, objects: Objects, owner: Key, old: Column, new: Column) -> Type:
    given = comparison.detections.compare_type
    if given is False:
        return old.type
    if callable(given):
        present, wanted = objects.current_part(owner, old), objects.target_part(owner, new)
        answer = given(comparison.ctx.migration_context, present, wanted, present.type, wanted.type)
        if answer is not None:
            return replace(new.type, extras=_FORCED) if answer else old.type
    own = getattr(objects.target_part(owner, new).type, "compare_against_backend", None)
    if own is not None:
        answer = own(comparison.sa_dialect, objects.current_part(owner, old).type)
        if answer is not None:
            return old.type if answer else replace(new.type, extras=_FORCED)
    outside = comparison.dialect.alembic.compare_type
    if outside is not None:
        present, wanted = objects.current_part(owner, old), objects.target_part(owner, new)
        differs = outside(comparison.ctx.migration_context, present, wanted)
        return replace(new.type, extras=_FORCED) if differs else old.type
    if _have_same_arguments(old.type, new.type) or _have_same_text(
        comparison, objects, owner, old, new
    ):
        return old.type
    return new.type


def _have_same_arguments(old: Type, new: Type) -> bool:
    """Compare types as Alembic does: arguments are compared only if both sides have as many."""
    if old.name != new.name or old.ref != new.ref or old.dimensions != new.dimensions:
        return False
    if old.collation != new.collation:
        return False
    if old.name == "enum":
        # for an inline type, Alembic compares the set of values and ignores their order
        return {*old.args} == {*new.args}
    return len(old.args) != len(new.args) or old.args == new.args


def _have_same_text(
    comparison: Comparison, objects: Objects, owner: Key, old: Column, new: Column
) -> bool:
    """Compare the text of both types; several type names may be synonyms."""
    say = comparison.sa_dialect.type_compiler_instance.process
    present, wanted = objects.current_part(owner, old).type, objects.target_part(owner, new).type
    if old.type.name == new.type.name == "enum":
        return False
    return is_alike(comparison.dialect.name, say(present), say(wanted))


# ── defaults ──────────────────────────────────────────────────────────────


def _default(comparison: Comparison, objects: Objects, owner: Key, old: Column, new: Column) -> Any:
    given = comparison.detections.compare_server_default
    before, after = old.default, new.default
    if "defaults" not in comparison.detections or not given or before is after is None:
        return before
    if isinstance(before, Computed) or isinstance(after, Computed):
        if before != after:
            warnings.warn(
                f"Computed default on {owner.name}.{new.name} cannot be modified: drop the "
                "column and add it again in a separate migration",
                UserWarning,
                stacklevel=2,
            )
        return before
    if isinstance(before, Identity) or isinstance(after, Identity):
        return after
    if callable(given):
        answer = _default_by_user(comparison, objects, owner, old, new)
        if answer is not None:
            return _marked_different(before, after) if answer else before
    outside = comparison.dialect.alembic.compare_server_default
    if outside is not None:
        present, wanted = objects.current_part(owner, old), objects.target_part(owner, new)
        rendered = [side.text if isinstance(side, Expr) else None for side in (after, before)]
        differs = outside(comparison.ctx.migration_context, present, wanted, *rendered)
        return _marked_different(before, after) if differs else before
    is_now = all(
        isinstance(each, Expr) and each.compared_text.lower() in _NOW for each in (before, after)
    )
    return before if is_now else after


# Alembic asks the server whether two defaults have the same value, which is true of these
_NOW = frozenset({"now()", "current_timestamp", "transaction_timestamp()"})


def _default_by_user(
    comparison: Comparison, objects: Objects, owner: Key, old: Column, new: Column
) -> Any:
    given: Any = comparison.detections.compare_server_default
    present, wanted = objects.current_part(owner, old), objects.target_part(owner, new)
    inspected = old.default.text if isinstance(old.default, Expr) else None
    rendered = new.default.text if isinstance(new.default, Expr) else None
    default = wanted.server_default
    argument = getattr(default, "arg", default)
    return given(comparison.ctx.migration_context, present, wanted, inspected, argument, rendered)


def _marked_different(before: Any, after: Any) -> Any:
    if before != after or after is None:
        return after
    return Expr(after.text, f"{after.compared_text} ")
