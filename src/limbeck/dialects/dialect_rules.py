"""The fields of the record `Dialect` for comparing and drafting changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, TextClause
    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Dialect as SqlDialect

    from limbeck import catalog
    from limbeck.catalog import Catalog, Column, Constraint, Index, Key, Table
    from limbeck.diff import Change, Rename
    from limbeck.operations import Operation


@dataclass(frozen=True, slots=True)
class DiffRules:
    """The effects of a change on other objects, as far as the server determines them.

    Args:
        can_drop_expression: kinds of computed columns ("stored", "virtual") that can become plain
            columns and keep their values; others are dropped and created.
        create_or_replace: kinds of text-defined objects that are replaced in place; others are
            dropped and created, together with the objects that depend on them.
        views_track_renames: the server rewrites views, triggers and constraints when a column
            that they use is renamed.
        inserts_casts: the server puts casts into expressions over a column whose type changes,
            and keeps them. Objects with such expressions are dropped and created.
        foreign_keys_need_index: a foreign key needs an index of its own table, and the server
            does not drop the last one.
        views_block_column_changes: the server refuses to change a column that a view, policy or
            trigger uses.
    """

    can_drop_expression: frozenset[str] = frozenset({"stored", "virtual"})
    create_or_replace: frozenset[str] = frozenset()
    views_track_renames: bool = True
    inserts_casts: bool = False
    foreign_keys_need_index: bool = False
    views_block_column_changes: bool = True


@dataclass(frozen=True, slots=True)
class Definitions:
    """The text-defined objects of this database: views, triggers, functions and the like.

    Args:
        kinds: kinds that are dropped if the models lack them and the project states that the
            models declare all of them (`undeclared = drop`).
        declarable_kinds: kinds that models can declare.
        reflected_kinds: kinds of objects that a comparison reads even if the models declare
            none, because a change of a table may affect them; None for all kinds.
        canonical_names: renames the objects of the models' catalog to the server's names, which
            differ for example in the types of a function's signature.
        statements: yields the SQL of a change of an object for which there is no operation.
        operation: returns the operation for such a change, if there is one.
    """

    kinds: frozenset[str] = frozenset()
    declarable_kinds: frozenset[str] = frozenset()
    reflected_kinds: frozenset[str] | None = None
    canonical_names: Callable[[Catalog], Catalog] | None = None
    statements: Callable[[Change], Iterable[str]] | None = None
    operation: Callable[[Change], Operation | None] | None = None


@dataclass(frozen=True, slots=True)
class DraftRules:
    """The rules by which changes are drafted for this database, in addition to operations.

    None means that the database has no such statement or does not need it.

    Args:
        cast_keywords: takes the old and the new column, and the user's expression or None;
            returns keywords of `op.alter_column` that convert the values.
        default_name: takes a table, one of its constraints, the names in use and SQLAlchemy's
            dialect; returns the name that the server gives the constraint if it has none.
        given_check_names: takes a table and SQLAlchemy's dialect; returns the names of its checks
            that the server gives them again if a table is created without these names.
        alter_part: takes a table's key, the new constraint or index, the fields that change and
            SQLAlchemy's dialect; returns the SQL for it, or None to drop and create it.
        rename_part: takes the rename of a constraint or index and its table's key; returns the
            SQL for it, or None to drop and create it.
        comment_ddl: takes a table's key and a constraint or index; returns the SQL that sets or
            removes its comment.
        index_suffix: takes an index and SQLAlchemy's dialect; returns the end of CREATE INDEX
            that SQLAlchemy does not write.
        constraint_ddl: takes a table's key and a constraint with options; returns the SQL that
            adds it and the SQL that drops it, or None if an operation can do it.
        keys_after_indexes: takes a table; returns the foreign keys that need one of its indexes,
            and are created after the indexes and dropped before them.
        add_key_indexes: takes a table; returns it with the indexes that the server creates for
            its foreign keys.
        alter_table_options: takes the old and the new table; yields the SQL that changes its
            options.
        copy_keywords: takes the old and the new table; returns the keywords for a copy of the old
            table with the options of the new one.
        with_copy_keywords: takes a table and keywords of a copy of it; returns the table after
            the copy.
        table_keywords: takes a table and the name of SQLAlchemy's dialect; returns the keywords
            of `sqlalchemy.Table` for its options.
        moves_tables: a table can be moved to another schema with its rows.
        identity_transition: takes a table's key and the old and the new column; returns the SQL
            before and after the change, for a column that becomes or stops being an identity.
        identity_options: takes a column; returns all options of its identity, with the server's
            defaults.
        sequence_options: takes a sequence; returns all its options, with the server's defaults.
        add_serial_column: takes a table's key and a column; returns the SQL that adds the column
            with the sequence that it owns.
        partition_ddl: takes a connection, a partitioned table's key and a column or None; yields
            the SQL that restores the partitions, or their own indexes on the column.
        backfill_value: takes a column and its catalog; returns a neutral value as SQL, or None if
            its type has none.
        full_column_ddl: takes a table and the name of a column; returns the SQL that redefines
            the column with its checks, for databases that store checks with the column.
        rename_column_ddl: takes a table's key, a column, its old and its new name, and the texts of
            its checks; returns the SQL that renames it, for databases that store checks with the
            column.
        rename_with_dependents: takes a table, the old and new name of a column, and SQLAlchemy's
            dialect; returns the SQL that renames it and recreates its dependents, or None if that
            is not necessary.
        drop_expression: takes a table and the name of a computed column; returns the SQL that
            makes it a plain column.
        has_drop_expression: dropping the default of a computed column makes it a plain column.
        redefines_columns: a changed column is redefined completely, and loses omitted properties.
        without_create_type: takes a type of SQLAlchemy; returns it as a type that is created by
            an operation of the draft and not by the table that uses it.
        exclude_constraint: takes an exclusion constraint; returns SQLAlchemy's object for it.
        reparseable: takes an expression as the server prints it; returns one that the server
            prints in the same way.
    """

    cast_keywords: Callable[[Column, Column, str | None], dict[str, str]] | None = None
    default_name: Callable[[Table, Constraint, Collection[str], SqlDialect], str | None] | None = (
        None
    )
    given_check_names: Callable[[Table, SqlDialect], frozenset[str]] | None = None
    alter_part: (
        Callable[[Key, Constraint | Index, frozenset[str], SqlDialect], str | None] | None
    ) = None
    rename_part: Callable[[Rename, Key], str | None] | None = None
    comment_ddl: Callable[[Key, Constraint | Index], str] | None = None
    index_suffix: Callable[[Index, SqlDialect], str] | None = None
    constraint_ddl: Callable[[Key, Constraint], tuple[str, str] | None] | None = None
    keys_after_indexes: Callable[[Table], tuple[catalog.ForeignKey, ...]] | None = None
    add_key_indexes: Callable[[Table], Table] | None = None
    alter_table_options: Callable[[Table, Table], Iterable[str]] | None = None
    copy_keywords: Callable[[Table, Table], dict[str, bool]] | None = None
    with_copy_keywords: Callable[[Table, Mapping[str, Any]], Table] | None = None
    table_keywords: Callable[[Table, str], dict[str, Any]] | None = None
    moves_tables: bool = False
    identity_transition: Callable[[Key, Column, Column], tuple[str | None, str | None]] | None = (
        None
    )
    identity_options: Callable[[Column], dict[str, Any]] | None = None
    sequence_options: Callable[[catalog.Sequence], dict[str, Any]] | None = None
    add_serial_column: Callable[[Key, Column], str] | None = None
    partition_ddl: Callable[[Connection, Key, str | None], Iterable[str]] | None = None
    backfill_value: Callable[[Column, Catalog], str | None] | None = None
    full_column_ddl: Callable[[Table, str], str] | None = None
    rename_column_ddl: Callable[[Key, Column, str, str, Iterable[str]], str] | None = None
    rename_with_dependents: Callable[[Table, str, str, SqlDialect], str | None] | None = None
    drop_expression: Callable[[Table, str], str] | None = None
    has_drop_expression: bool = False
    redefines_columns: bool = False
    without_create_type: Callable[[Any], Any] | None = None
    exclude_constraint: Callable[[catalog.Exclude], Any] | None = None
    reparseable: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class Tenancy:
    """How schemas of one database are migrated like separate databases.

    Args:
        schema_is_database: SQLAlchemy's schemas are databases of the server, and a URL names
            one of them.
        database_is_file: a database is a file, which connecting would create.
        enter_schema: makes a schema the default schema of a connection's session; None if
            sessions have no default schema.
        default_schema: returns the default schema of a session; None if SQLAlchemy's own function
            is used.
        locked: takes names of run locks; returns the positions of those that are held.
        checks: takes the name of a run lock, how long statements wait for tables, and a version
            table; returns the statement that takes the lock for the transaction and the one that
            reads facts about the table.
        script_drivers: the drivers that send several statements in one message and return the
            rows of each; the statements run in the open transaction.
    """

    schema_is_database: bool = False
    database_is_file: bool = False
    enter_schema: Callable[[Connection, str], None] | None = None
    default_schema: Callable[[Connection], str | None] | None = None
    locked: Callable[[Connection, Sequence[str]], frozenset[int]] | None = None
    checks: Callable[[str, float, SqlTable], tuple[TextClause, TextClause]] | None = None
    script_drivers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AlembicRules:
    """What a comparison with Alembic's set of detections requires in addition.

    The functions have the names and arguments of Alembic's `DefaultImpl`, with the migration
    context as first argument, and come from classes of other packages.

    Args:
        unread_parts: takes a connection; returns the kinds of constraints and indexes that
            SQLAlchemy does not read from this database.
        unique_constraints_are_indexes: the database stores a unique constraint as an index, and
            an index with the name of a foreign key was created by the server.
        reflects_plain_indexes: SQLAlchemy reads only indexes on columns, without their order.
        compare_type: returns whether the types of a column differ.
        compare_server_default: returns whether the defaults of a column differ.
        correct_for_autogen_constraints: removes constraints and indexes that are not compared.
        correct_for_autogen_foreignkeys: removes foreign keys that are not compared.
        autogen_column_reflect: changes a column after reflection.
    """

    unread_parts: Callable[[Connection], frozenset[str]] | None = None
    unique_constraints_are_indexes: bool = False
    reflects_plain_indexes: bool = False
    compare_type: Callable[..., Any] | None = None
    compare_server_default: Callable[..., Any] | None = None
    correct_for_autogen_constraints: Callable[..., Any] | None = None
    correct_for_autogen_foreignkeys: Callable[..., Any] | None = None
    autogen_column_reflect: Callable[..., Any] | None = None
