"""Read SQLAlchemy MetaData as the catalog that `create_all` would create."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Column as SqlColumn
from sqlalchemy import DefaultClause, MetaData
from sqlalchemy import Index as SqlIndex
from sqlalchemy import Table as SqlTable
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import Computed as SqlComputed
from sqlalchemy.schema import CreateIndex, FetchedValue
from sqlalchemy.schema import Identity as SqlIdentity
from sqlalchemy.schema import Sequence as SqlSequence
from sqlalchemy.sql.compiler import DDLCompiler
from sqlalchemy.sql.elements import TextClause
from sqlalchemy.sql.visitors import iterate

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Definition,
    Exclude,
    Expr,
    ForeignKey,
    Identity,
    Index,
    Key,
    Namespace,
    PrimaryKey,
    SchemaObject,
    Sequence,
    Table,
    Unique,
    part_key,
)
from limbeck.errors import DraftError, DuplicateTableError
from limbeck.sqlalchemy_io.constraint_reader import (
    OptionValues,
    PartReader,
    options_of,
    pairs,
    table_extras,
    view_options,
)
from limbeck.sqlalchemy_io.declared_objects import comments, declarations, definitions
from limbeck.sqlalchemy_io.origins import Origins
from limbeck.sqlalchemy_io.sqlalchemy_versions import (
    chosen_name,
    ddl_compiler,
    dialect_names,
    free_types,
    is_made,
    plain_dialect,
    view_ddl,
)
from limbeck.sqlalchemy_io.type_reader import TypeReader

_ON_UPDATE = re.compile(
    r"^(?P<default>[^'\"]*?)\s*\bON\s+UPDATE\s+(?P<update>.+)$", re.IGNORECASE | re.DOTALL
)
_SERIAL = re.compile(r"^\s*(?:BIG|SMALL)?SERIAL\d*\b", re.IGNORECASE)
_COUNTER = re.compile(r"\bAUTO_?INCREMENT\b", re.IGNORECASE)
_IDENTITY = re.compile(r"\bIDENTITY\b(?:\s*\(\s*(-?\d+)\s*,\s*(-?\d+)\s*\))?", re.IGNORECASE)
_STRINGS = re.compile(r"'(?:[^'\\]|''|\\.)*'")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A catalog with the SQLAlchemy objects that it was read from.

    Args:
        catalog: the values.
        origins: SQLAlchemy's Table, Column, Constraint, Index, Sequence or type, by the key
            of the object or part.
        borrowed: objects that the models use but do not own: types with `create_type=False`,
            tables that represent views. They are never created, altered or dropped.
        unknown_defaults: columns whose default is managed elsewhere (`FetchedValue`).
    """

    catalog: Catalog
    origins: Origins = field(default_factory=Origins)
    borrowed: frozenset[Key] = frozenset()
    unknown_defaults: frozenset[Key] = frozenset()


def read(
    metadatas: MetaData | Iterable[MetaData],
    dialect: Dialect,
    *,
    default_namespace: str | None = None,
    schema_translate_map: Mapping[str | None, str | None] | None = None,
) -> Snapshot:
    """Read models as the catalog that `create_all` would create.

    Args:
        metadatas: one MetaData or several.
        dialect: SQLAlchemy's dialect, preferably of a connection, which knows the server.
        default_namespace: the connection's default schema; objects in it have namespace None.
        schema_translate_map: as in SQLAlchemy's execution options.

    Returns:
        The catalog with its origins.

    Raises:
        DraftError: two tables have the same name, a type is not supported by this dialect, a
            name is too long or missing.
    """
    given = (metadatas,) if isinstance(metadatas, MetaData) else tuple(metadatas)
    schemas = dict(schema_translate_map or {})
    reader = Reader(ddl_compiler(plain_dialect(dialect)), default_namespace, schemas)
    if len(given) > 1:
        _refuse_duplicates(given)
    for metadata in given:
        reader.read(metadata)
        if declarations(metadata):
            for obj in definitions(metadata, default_namespace, dialect.name):
                reader.objects[obj.key] = obj
            reader.comment(comments(metadata, default_namespace))
    return reader.snapshot()


def _refuse_duplicates(metadatas: tuple[MetaData, ...]) -> None:
    seen: set[str] = set()
    twice: dict[str, None] = {}
    for metadata in metadatas:
        twice.update(dict.fromkeys(name for name in metadata.tables if name in seen))
        seen.update(metadata.tables)
    if twice:
        raise DuplicateTableError(
            f"Several MetaData objects have a table of the same name: {', '.join(sorted(twice))}.",
            hint="A table may be in one of them only.",
        )


class Reader:
    """Reads SQLAlchemy objects for one dialect, one MetaData or one object at a time."""

    def __init__(
        self,
        compiler: DDLCompiler,
        default_namespace: str | None,
        translate: dict[str | None, str | None],
    ) -> None:
        self.compiler = compiler
        self.dialect = compiler.dialect
        self.names = dialect_names(compiler.dialect)
        self.default_namespace = default_namespace
        self.translate = translate
        self.types = TypeReader(compiler, self.namespace)
        self.parts = PartReader(
            compiler,
            self.names,
            self.namespace,
            has_comments=bool(getattr(self.dialect, "supports_constraint_comments", False)),
        )
        self.clauses: dict[object, tuple[Expr | None, str | None]] = {}
        self.objects: dict[Key, SchemaObject] = {}
        self.origins: dict[Key, Any] = {}
        self.borrowed: set[Key] = set()
        self.unknown: set[Key] = set()
        self.has_comments = bool(self.dialect.supports_comments)

    def namespace(self, schema: Any) -> str | None:
        """Return the catalog's namespace for a schema name."""
        if self.translate:
            schema = self.translate.get(schema, schema)
        if schema is None or schema == self.default_namespace:
            return None
        return str(schema)

    def snapshot(self) -> Snapshot:
        """Return the result."""
        named = self.types.named
        self.origins.update(self.types.origins)
        spaces = {key.namespace for key in (*self.objects, *named)} - {None}
        namespaces = [
            Namespace(Key("namespace", (None, str(name)))) for name in sorted(map(str, spaces))
        ]
        return Snapshot(
            Catalog.of([*namespaces, *named.values(), *self.objects.values()]),
            Origins(self.origins),
            frozenset(self.borrowed | self.types.borrowed),
            frozenset(self.unknown),
        )

    def read(self, metadata: MetaData) -> None:
        """Read one MetaData."""
        for type_ in free_types(metadata):
            impl = type_.dialect_impl(self.dialect)
            self.types.named_type(impl)
        for sequence in metadata._sequences.values():
            self.sequence(sequence)
        for table in metadata.tables.values():
            if is_made(table, self.compiler):
                self.add(table)

    def sequence(self, origin: SqlSequence) -> None:
        """Read a sequence if the dialect would create it."""
        if not self.dialect.supports_sequences or not is_made(origin, self.compiler):
            return
        if self.dialect.sequences_optional and origin.optional:
            return
        key = Key("sequence", (self.namespace(origin.schema), origin.name))
        type_ = origin.data_type
        self.objects[key] = Sequence(
            key,
            None if type_ is None else str(self.types.read(type_)),
            origin.start,
            origin.increment,
            origin.minvalue,
            origin.maxvalue,
            bool(origin.cycle),
            origin.cache,
        )
        self.origins[key] = origin

    # ── tables ────────────────────────────────────────────────────────────

    def add(self, table: SqlTable) -> None:
        """Read a table or view into the catalog."""
        view = view_ddl(table)
        if view is not None:
            self.view(table, view)
            return
        key = Key("table", (self.namespace(table.schema), table.name))
        if key in self.objects:
            raise DuplicateTableError(
                f"Two tables of the models have the name {key.full_name!r}.",
                hint="Rename one of them, or leave one MetaData out of target_metadata.",
            )
        try:
            self.objects[key] = self.table(table, key)
        except (SQLAlchemyError, NotImplementedError) as error:
            raise DraftError(
                f"Table {table.fullname!r} cannot be written for this database: {error}",
                hint="Correct this part of the model.",
                code="LB414",
            ) from error
        self.origins[key] = table
        if vars(table).get("info", {}).get("is_view"):
            self.borrowed.add(key)

    def table(self, table: SqlTable, key: Key) -> Table:
        """Return a table with its parts."""
        needs: set[Key] = set()
        columns = tuple(self.columns(table, key, needs))
        primary_key: PrimaryKey | None = None
        sorted_parts: dict[type, list[Any]] = {
            kind: [] for kind in (Unique, Check, ForeignKey, Exclude)
        }
        for part, origin in self.parts.constraints(table):
            if isinstance(part, PrimaryKey):
                primary_key = part
            else:
                sorted_parts[type(part)].append(part)
            self.origins[part_key(key, part)] = origin
        indexes: list[Index] = []
        for index, made_from in self.parts.indexes(table):
            indexes.append(index)
            self.origins[part_key(key, index)] = made_from
        extras = table_extras(table, self.compiler, self.names)
        for name in dict(extras).get("inherits", ()):  # type: ignore[union-attr]
            needs.add(Key("table", (key.namespace, str(name))))
        return Table(
            key,
            columns,
            primary_key,
            tuple(sorted_parts[Unique]),
            tuple(sorted_parts[Check]),
            tuple(sorted_parts[ForeignKey]),
            tuple(sorted_parts[Exclude]),
            tuple(indexes),
            self.table_comment(table) if self.has_comments else None,
            extras,
            frozenset(needs),
        )

    def table_comment(self, table: SqlTable) -> str | None:
        """Return the comment of CREATE TABLE, which may be an option such as `mysql_comment`."""
        if table.comment is not None:
            return table.comment
        return options_of(table, self.names).get("comment")

    def columns(self, table: SqlTable, key: Key, needs: set[Key]) -> Iterator[Column]:
        """Yield the columns that DDL would create."""
        counter = table._autoincrement_column
        for origin in table.columns:
            if origin.system:
                continue
            column = self.column(origin, is_counter=origin is counter)
            if column.type.ref is not None:
                needs.add(column.type.ref)
            default = origin.server_default
            if default is not None:
                if type(default) is FetchedValue:
                    self.unknown.add(Key("column", (*key.path, column.name)))
                elif isinstance(default, DefaultClause):
                    needs.update(self.sequences_in(default))
            yield column

    def sequences_in(self, default: DefaultClause) -> Iterator[Key]:
        """Yield the sequences that a default uses."""
        if isinstance(default.arg, str) or _plain_default_key(default, self.compiler) is not None:
            return
        for element in iterate(default.arg):
            sequence = getattr(element, "sequence", None)
            if isinstance(sequence, SqlSequence):
                yield Key("sequence", (self.namespace(sequence.schema), sequence.name))

    def column(self, origin: SqlColumn[Any], *, is_counter: bool) -> Column:
        """Return a column."""
        try:
            type_ = self.types.read(origin.type, origin)
        except DraftError as error:
            error.place = f"{origin.table.fullname}.{origin.name}"
            raise
        extras: OptionValues = {}
        for name, value in options_of(origin, self.names).items():
            if not name.startswith("on_conflict_"):
                extras[name] = value if isinstance(value, (bool, int)) else str(value)
        default = self.default(origin, extras)
        if is_counter:
            word, generated = self.counter(origin)
            if word is not None:
                extras[word] = True
            elif default is None:
                default = generated
        return Column(
            origin.name,
            type_,
            bool(origin.nullable),
            default,
            origin.comment if self.has_comments else None,
            pairs(extras) if extras else (),
        )

    def default(
        self, origin: SqlColumn[Any], kept: OptionValues
    ) -> Expr | Identity | Computed | None:
        """Return the default of a column; the other parts of its clause are added to `kept`."""
        if origin.computed is not None:
            return self.computed(origin.computed)
        if origin.identity is not None and self.dialect.supports_identity_columns:
            return _identity(origin.identity)
        if origin.server_default is None:
            return None
        cache_key = _plain_default_key(origin.server_default, self.compiler)
        clause = self.clauses.get(cache_key) if cache_key is not None else None
        if clause is None:
            clause = self.clause(origin)
            if cache_key is not None:
                self.clauses[cache_key] = clause
        default, update = clause
        if update is not None:
            kept["on_update"] = update
        return default

    def clause(self, origin: SqlColumn[Any]) -> tuple[Expr | None, str | None]:
        """Return the default of a column as DDL renders it, and the text after ON UPDATE."""
        text = self.compiler.get_column_default_string(origin)
        if text is None:
            return None, None
        split = _ON_UPDATE.match(text)
        if split is None:
            return Expr(text), None
        default = split["default"].strip()
        return Expr(default) if default else None, split["update"].strip()

    def computed(self, origin: SqlComputed) -> Computed:
        """Return a generated expression and whether it is stored."""
        printed = self.compiler.process(origin).rstrip().upper()
        return Computed(
            Expr(self.parts.sql(origin.sqltext)),
            stored=printed.endswith(("STORED", "PERSISTED", "PERSISTENT")),
        )

    def counter(self, origin: SqlColumn[Any]) -> tuple[str | None, Identity | None]:
        """Return the autoincrement option of a key, or its identity, as its DDL has them."""
        printed = self.compiler.get_column_specification(origin, first_pk=True)
        rest = _STRINGS.sub("''", printed[len(self.compiler.preparer.format_column(origin)) :])
        if _SERIAL.match(rest):
            return "serial", None
        if _COUNTER.search(rest):
            return "autoincrement", None
        match = _IDENTITY.search(rest)
        if match is None:
            return None, None
        start, step = match[1], match[2]
        identity = Identity(
            start=int(start) if start else None, increment=int(step) if step else None
        )
        return None, identity

    # ── views ─────────────────────────────────────────────────────────────

    def view(self, table: SqlTable, ddl: Any) -> None:
        """Read a view that SQLAlchemy creates."""
        key = Key(_kind(table), (self.namespace(table.schema), table.name))
        body = self.compiler.sql_compiler.process(ddl.selectable, literal_binds=True)
        needs = {
            Key(_kind(element), (self.namespace(element.schema), element.name))
            for element in iterate(ddl.selectable)
            if isinstance(element, SqlTable)
        }
        text = table.comment if self.has_comments else None
        options = view_options(ddl, self.names)
        self.objects[key] = Definition(key, Expr(body), None, text or None, options,
                                      frozenset(needs))  # fmt: skip
        self.origins[key] = table
        for index in table.indexes:
            self.view_index(index, key)

    def view_index(self, index: SqlIndex, view: Key) -> None:
        """Read an index of a materialized view."""
        if not is_made(index, self.compiler):
            return
        text = self.compiler.process(CreateIndex(index)).replace(" CONCURRENTLY", "", 1)
        key = Key("view_index", (*view.path, chosen_name(index, self.compiler)))
        self.objects[key] = Definition(key, Expr(text), view, needs=frozenset({view}))

    def comment(self, comments: Mapping[Key, str]) -> None:
        """Store the declared comments of views.

        Raises:
            DraftError: the models have no such view.
        """
        for key, text in comments.items():
            obj = self.objects.get(key)
            if not isinstance(obj, Definition):
                raise DraftError(
                    f"A comment is declared on the {key.kind} {key.name!r}, which the models lack",
                    hint="Correct its name or its kind, or declare the view.",
                    code="LB418",
                )
            self.objects[key] = replace(obj, comment=text or None)


def _kind(table: SqlTable) -> str:
    view = view_ddl(table)
    if view is None:
        return "table"
    return "materialized_view" if getattr(view, "materialized", False) else "view"


def _identity(origin: SqlIdentity) -> Identity:
    options: OptionValues = {
        "on_null": getattr(origin, "on_null", None),
        "order": getattr(origin, "order", None),
    }
    return Identity(
        bool(origin.always),
        origin.start,
        origin.increment,
        origin.minvalue,
        origin.maxvalue,
        bool(origin.cycle),
        origin.cache,
        pairs(options),
    )


def _plain_default_key(default: Any, compiler: DDLCompiler) -> object:
    """Return the content of a server default that does not depend on other objects.

    Thousands of columns share a few dozen defaults, so that each content is compiled once.

    Args:
        default: the value of `Column.server_default`.
        compiler: the dialect's DDL compiler.

    Returns:
        A key that is equal for equal defaults; None for anything but strings, texts and
        functions without arguments.
    """
    usual = type(compiler).get_column_default_string is DDLCompiler.get_column_default_string
    if not usual or type(default) is not DefaultClause:
        return None
    value: Any = default.arg
    if isinstance(value, str):
        return value
    if type(value) is TextClause:
        return None if value._bindparams else (TextClause, value.text)
    own = type(value).__module__ == "sqlalchemy.sql.functions" and "clause_expr" in vars(value)
    if own and not len(value.clauses):
        quote = getattr(value.name, "quote", None)
        return (type(value), value.name, quote, tuple(value.packagenames))
    return None
