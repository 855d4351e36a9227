"""Valid catalogs, and a simulated database that refuses invalid changes."""

from dataclasses import replace

from hypothesis import strategies as st

from limbeck.catalog import (
    Catalog,
    Check,
    Column,
    Computed,
    Definition,
    Domain,
    Enum,
    Exclude,
    Expr,
    ForeignKey,
    Identity,
    Index,
    IndexElement,
    Key,
    Namespace,
    PrimaryKey,
    Sequence,
    Table,
    Type,
    Unique,
    extras,
    namespace_key,
)
from limbeck.diff import Alter, Create, Drop, Rename, apply
from limbeck.diff.constraint_identity import mentioned, parts_of

NAMESPACES = (None, "shop")
TABLES = ("users", "orders", "lines", "Goods", "tags")
COLUMNS = ("id", "user_id", "name", "State", "price", "total")
PLAIN = ("integer", "bigint", "text", "boolean")
texts = st.sampled_from(("", "it's", 'a "b"', "ü", "x"))


@st.composite
def types(draw, enums=()):
    ref = draw(st.sampled_from((None, None, None, *enums)))
    if ref is not None:
        return Type(ref.name, (), None, draw(st.integers(0, 1)), ref)
    if draw(st.booleans()):
        return Type("numeric", ("10", str(draw(st.integers(0, 3)))))
    return Type(draw(st.sampled_from(PLAIN)), extras=extras(unsigned=draw(st.booleans())))


@st.composite
def columns(draw, name, enums, readable):
    default = draw(
        st.sampled_from(
            (
                None,
                None,
                Expr("0"),
                Expr("'x'", "'x'::text"),
                Identity(start=3),
                *(Computed(Expr(f'"{other}" + 1')) for other in readable[:2]),
            )
        )
    )
    return Column(
        name,
        draw(types(enums)),
        nullable=draw(st.booleans()),
        default=default,
        comment=draw(st.none() | texts),
        extras=extras(invisible=draw(st.booleans())),
    )


@st.composite
def tables(draw, key, enums):
    names = draw(st.lists(st.sampled_from(COLUMNS[1:]), unique=True, max_size=4))
    made = [Column("id", Type("integer"), nullable=False)]
    for name in names:
        plain = [one.name for one in made if not isinstance(one.default, Computed)]
        made.append(draw(columns(name, enums, plain)))
    known = st.sampled_from([one.name for one in made])
    stem = "_".join(word for word in key.path if word)

    def named(kind):
        return st.sampled_from([f"{kind}_{stem}_{at}" for at in (1, 2, 3)])

    def several(kind, build):
        return tuple(
            build(name, draw(st.lists(known, min_size=1, max_size=2, unique=True)))
            for name in draw(st.lists(named(kind), unique=True, max_size=2))
        )

    def index(name, words):
        elements = [
            IndexElement(word, descending=draw(st.booleans()))
            if draw(st.booleans())
            else IndexElement(expr=Expr(f'lower("{word}")'))
            for word in words
        ]
        where = draw(st.none() | st.just(Expr(f'"{words[0]}" IS NOT NULL')))
        return Index(name, tuple(elements), draw(st.booleans()), where)

    return Table(
        key,
        tuple(draw(st.permutations(made))),
        PrimaryKey(("id",), draw(named("pk"))),
        several("uq", lambda name, words: Unique(tuple(words), name)),
        several("ck", lambda name, words: Check(Expr(f'"{words[0]}" > 0'), name)),
        excludes=several("ex", lambda name, words: Exclude(Expr(f'USING gist ("{words[0]}" WITH =)'), name)),
        indexes=several("ix", index),
        comment=draw(st.none() | texts),
        extras=extras(unlogged=draw(st.booleans())),
    )  # fmt: skip


@st.composite
def foreign_keys(draw, table, targets):
    stem = "_".join(word for word in table.key.path if word)
    found = []
    for at in draw(st.lists(st.sampled_from((1, 2)), unique=True)):
        target = draw(st.sampled_from(targets))
        keys = [target.primary_key, *target.uniques]
        to = draw(st.sampled_from(keys)).columns
        mine = [one.name for one in table.columns]
        if len(mine) < len(to):
            continue
        own = draw(st.permutations(mine))[: len(to)]
        action = draw(st.sampled_from((None, "CASCADE")))
        name = f"fk_{stem}_{at}"
        found.append(ForeignKey(tuple(own), target.key, to, name, on_delete=action))
    return tuple(found)


@st.composite
def catalogs(draw):
    spaces = [Namespace(namespace_key("shop"), draw(st.none() | texts))] * draw(st.integers(0, 1))
    homes = NAMESPACES[: 1 + len(spaces)]
    keys = draw(
        st.lists(st.sampled_from([Key("enum", (None, n)) for n in ("mood", "kind")]), unique=True)
    )
    values = st.lists(st.sampled_from("abcd"), unique=True, min_size=1)
    enums = [Enum(key, tuple(draw(values))) for key in keys]
    objects = [*spaces, *enums]
    if draw(st.booleans()):
        objects.append(Sequence(Key("sequence", (None, "counter")), start=draw(st.integers(1, 2))))
    if draw(st.booleans()):
        key = Key("domain", (None, "email"))
        check = Check(Expr("VALUE <> ''"), "email_full")
        type_ = draw(types(keys))
        needs = frozenset() if type_.ref is None else frozenset({type_.ref})
        objects.append(Domain(key, type_, checks=(check,), needs=needs))
    names = draw(st.lists(st.sampled_from(TABLES), unique=True, max_size=4))
    homes_of = [draw(st.sampled_from(homes)) for _ in names]
    made = [
        draw(tables(Key("table", (home, name)), keys))
        for home, name in zip(homes_of, names, strict=True)
    ]
    made = [replace(one, foreign_keys=draw(foreign_keys(one, made))) for one in made]
    if made and draw(st.booleans()):
        read = draw(st.sampled_from(made)).key
        needs = frozenset({read})
        body = Expr(f"select {draw(st.integers(1, 2))} from {read.path}")
        view = Definition(Key("view", (None, "report")), body, needs=needs)
        objects.append(view)
        if draw(st.booleans()):
            key = Key("view", (None, "again"))
            objects.append(Definition(key, body, needs=frozenset({view.key})))
    return Catalog.of(draw(st.permutations([*objects, *made])))


@st.composite
def nameless(draw, catalog):
    """Take away the names of some constraints, as models have it."""

    def perhaps(parts):
        return tuple(replace(one, name=None) if draw(st.booleans()) else one for one in parts)

    def changed(obj):
        if not isinstance(obj, Table):
            return obj
        return replace(
            obj,
            primary_key=perhaps([obj.primary_key])[0],
            uniques=perhaps(obj.uniques),
            checks=perhaps(obj.checks),
            foreign_keys=perhaps(obj.foreign_keys),
        )

    return Catalog.of(changed(obj) for obj in catalog)


@st.composite
def renamings(draw, have, want):
    """Pairs of keys, old in have and new in want, each used once."""
    pairs = []
    owners = {}
    for kind in ("table", "enum"):
        old = [obj.key for obj in have.of_kind(kind)]
        new = [obj.key for obj in want.of_kind(kind)]
        count = draw(st.integers(0, min(len(old), len(new))))
        chosen = draw(st.permutations(old))[:count]
        targets = draw(st.permutations(new))[:count]
        for one, other in zip(chosen, targets, strict=True):
            owners[one] = other
            if one != other:
                pairs.append((one, other))
    taken = set(owners.values())
    for table in have.tables:
        after = want.get(owners.get(table.key, table.key))
        if not isinstance(after, Table) or (table.key not in owners and after.key in taken):
            continue
        old = [one.name for one in table.columns]
        new = [one.name for one in after.columns]
        count = draw(st.integers(0, min(len(old), len(new), 2)))
        for one, other in zip(
            draw(st.permutations(old))[:count], draw(st.permutations(new))[:count], strict=True
        ):
            if one != other:
                first, second = (*table.key.path, one), (*after.key.path, other)
                pairs.append((Key("column", first), Key("column", second)))
    return pairs


# ── a database of rules ───────────────────────────────────────────────────


class Refused(Exception):
    """A change that a real database refuses."""


def normalized(catalog):
    """The catalog up to the position of columns and the order of parts."""

    def sort(parts):
        return tuple(sorted(parts, key=repr))

    return {
        obj.key: obj
        if not isinstance(obj, Table)
        else replace(
            obj,
            columns=sort(obj.columns),
            uniques=sort(obj.uniques),
            checks=sort(obj.checks),
            foreign_keys=sort(obj.foreign_keys),
            excludes=sort(obj.excludes),
            indexes=sort(obj.indexes),
        )
        for obj in catalog
    }


def execute(catalog, changes, *, views_read_all=True):
    """Apply changes one by one, refusing every state that a database would refuse.

    A view reads every column of its tables, except on the way back: there it may stay while
    columns go that came after it.
    """
    for change in changes:
        before = catalog
        catalog = apply(catalog, [change])
        check_step(before, change, views_read_all=views_read_all)
        check_state(catalog)
    return catalog


def check_state(catalog):
    relations = []
    for obj in catalog:
        missing = [need for need in obj.needs if need not in catalog]
        if missing:
            raise Refused(f"{obj.key} needs {missing}")
        if obj.key.namespace and namespace_key(obj.key.namespace) not in catalog:
            raise Refused(f"no namespace for {obj.key}")
        if obj.key.kind in {"table", "view", "sequence"}:
            relations.append(obj.key.path)
        if isinstance(obj, Domain) and obj.type.ref and obj.type.ref not in catalog:
            raise Refused(f"no type for {obj.key}")
        if isinstance(obj, Table):
            check_table(catalog, obj)
            relations += [
                (obj.key.namespace, one.name)
                for one in parts_of(obj)
                if one.kind in {"index", "unique", "primary_key", "exclude"} and one.name
            ]
    if len(relations) != len(set(relations)):
        raise Refused(f"a name twice: {sorted(map(str, relations))}")


def check_table(catalog, table):
    names = [one.name for one in table.columns]
    if len(names) != len(set(names)):
        raise Refused(f"a column twice in {table.key}")
    for column in table.columns:
        if column.type.ref and column.type.ref not in catalog:
            raise Refused(f"no type for {table.key} {column.name}")
        for word in mentioned(column):
            if word not in names:
                raise Refused(f"computed column {column.name} reads {word}")
    for part in parts_of(table):
        for word in mentioned(part) & set(COLUMNS):
            if word not in names:
                raise Refused(f"{part} speaks of {word}, which is not in {table.key}")
    check_foreign_keys(catalog, table)


def check_foreign_keys(catalog, table):
    for key in table.foreign_keys:
        target = catalog.get(key.target)
        if target is None:
            raise Refused(f"{key.name} points at nothing")
        if frozenset(key.target_columns) not in candidates(target):
            raise Refused(f"{key.name} points at no key")


def candidates(table):
    keys = [*table.uniques, *([table.primary_key] if table.primary_key else [])]
    return {frozenset(one.columns) for one in keys}


def check_step(before, change, *, views_read_all=True):
    if not isinstance(change, Drop | Alter | Create | Rename):
        raise Refused("what is this?")
    if change.owner is None:
        return
    table = before.objects[change.owner]
    what = change.what if isinstance(change, Create | Drop) else change.old
    if isinstance(change, Drop | Alter) and isinstance(what, Column):
        if isinstance(change, Alter) and "type" not in change.fields:
            return
        readers = [one for one in before if isinstance(one, Definition) and table.key in one.needs]
        if readers and views_read_all:
            raise Refused(f"{readers} reads the column {what.name}")
        if any(what.name in mentioned(one) for one in table.columns):
            raise Refused(f"a computed column reads {what.name}")
        holders = [
            key
            for other in before.tables
            for key in other.foreign_keys
            if (other.key == table.key and what.name in key.columns)
            or (key.target == table.key and what.name in key.target_columns)
        ]
        if holders:
            raise Refused(f"{holders} holds {what.name}")
