"""The two profiles of a comparison: limbeck's native one, and one that behaves like Alembic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from limbeck.autogenerate import alembic_profile
from limbeck.autogenerate.comparison import Comparison, ProfileOptions
from limbeck.dialects import Dialect, as_inspected
from limbeck.diff import DEFAULT, Change, DiffOptions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from limbeck.autogenerate.sqlalchemy_objects import Objects


@dataclass(frozen=True)
class Profile:
    """Which differences are detected, in which order they run, and how they are drafted.

    Args:
        options: what is compared, and how it is drafted.
        dialect_of: takes limbeck's dialect record and a connection; returns the record with the
            draft rules to apply.
        select: removes the differences that are not detected from both catalogs.
        diff_options: returns the options of the diff.
        order: sorts changes that are already in an order in which they can run.
    """

    options: ProfileOptions
    dialect_of: Callable[[Dialect, Connection | None], Dialect]
    select: Callable[[Comparison, Objects], None]
    diff_options: Callable[[Comparison], DiffOptions]
    order: Callable[[Sequence[Change]], Sequence[Change]]


def profile_of(opts: Mapping[str, Any]) -> Profile:
    """Return the profile that the options of `context.configure` select."""
    return NATIVE if opts.get("detect", "alembic") == "all" else ALEMBIC


def _native_dialect(dialect: Dialect, _connection: Connection | None) -> Dialect:
    """Return the record with the normalization of databases that the inspector reads."""
    if dialect.normalize is not None or not dialect.is_third_party:
        return dialect
    return replace(dialect, normalize=as_inspected)


def _native_diff_options(comparison: Comparison) -> DiffOptions:
    rules = comparison.dialect.diff
    return DiffOptions(
        unknown_defaults=comparison.snapshot.unknown_defaults,
        keeps_foreign_key_indexes=False,
        renamable_kinds=DEFAULT.renamable_kinds
        if comparison.rules.rename_part is not None
        else frozenset(),
        can_drop_expression=rules.can_drop_expression,
        create_or_replace=rules.create_or_replace,
        views_track_renames=rules.views_track_renames,
        inserts_casts=rules.inserts_casts,
        foreign_keys_need_index=rules.foreign_keys_need_index,
        views_block_column_changes=rules.views_block_column_changes,
    )


NATIVE = Profile(
    options=ProfileOptions(
        compares_all_kinds=True,
        guesses_renames=True,
        reads_columns=True,
        separates_parts=True,
        drafts_runnable=True,
        drafts_autoincrement=True,
    ),
    dialect_of=_native_dialect,
    select=lambda _comparison, _objects: None,
    diff_options=_native_diff_options,
    order=tuple,
)
"""Compares all objects of a catalog, and drafts operations that run on a database with rows."""

ALEMBIC = Profile(
    options=ProfileOptions(
        compares_all_kinds=False,
        guesses_renames=False,
        reads_columns=False,
        separates_parts=False,
        drafts_runnable=False,
        drafts_autoincrement=False,
    ),
    dialect_of=alembic_profile.dialect_of,
    select=alembic_profile.select,
    diff_options=alembic_profile.diff_options,
    order=alembic_profile.order_by_table,
)
"""Detects the differences that Alembic detects, and drafts them as Alembic does."""
