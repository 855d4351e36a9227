"""`compare`, `check` and `revision` for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from limbeck.api.options import opened, refuse_unknown
from limbeck.errors import InvalidArgumentError

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData
    from typing_extensions import Unpack

    from limbeck.api.options import Options
    from limbeck.api.values import RevisionEntry, SchemaDifferences
    from limbeck.commands import CheckResult


def compare(
    metadata: MetaData | Sequence[MetaData] | None = None,
    *,
    offline: bool = False,
    **options: Unpack[Options],
) -> SchemaDifferences:
    """Return the differences between models and database, without writing to it.

    With `metadata`, no project is needed: the models are compared with all tables of
    `connection` or `url`. Otherwise, the project's models are compared with its database, which
    must be at the head.

    Args:
        metadata: the models; by default those of the project.
        offline: compare with the replayed revision files and connect to no database.
        options: project, database and limits; see `Options`.

    Raises:
        DraftError: there are no models, or the database is not at the head.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    if metadata is not None:
        return _compare_models(metadata, options, offline=offline)
    return _differences(_checked("compare", options, offline=offline))


def check(*, offline: bool = False, **options: Unpack[Options]) -> SchemaDifferences:
    """Raise an error if the project's models and its database differ.

    Args:
        offline: compare with the replayed revision files and connect to no database.
        options: project, database and limits; see `Options`.

    Returns:
        A value without differences.

    Raises:
        DifferencesFoundError: they differ; the message lists the differences.
        DraftError: there are no models, or the database is not at the head.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands

    found = _checked("check", options, offline=offline)
    commands.require_agreement(found)
    return _differences(found)


def _checked(function: str, options: Options, *, offline: bool) -> CheckResult:
    from limbeck import commands

    with opened(function, options) as given:
        return commands.check(given.project, script=given.script, offline=offline)


def _differences(found: CheckResult) -> SchemaDifferences:
    from limbeck.api.values import SchemaDifferences

    return SchemaDifferences(is_empty=found.is_empty, differences=tuple(found.differences))


def _compare_models(
    metadata: MetaData | Sequence[MetaData], options: Options, *, offline: bool
) -> SchemaDifferences:
    refuse_unknown("compare", options)
    connection = options.get("connection")
    url = options.get("url")
    if offline or options.get("config") is not None or (connection is None and url is None):
        raise InvalidArgumentError(
            "compare() with metadata needs connection= or url=, and no config= or offline=",
            hint="Pass an open connection, or omit metadata to compare the project's models.",
        )
    if isinstance(connection, Mapping):
        raise InvalidArgumentError(
            "compare() with metadata was given several connections", hint="Give one of them."
        )
    if connection is not None:
        return _compare_on(metadata, connection)
    from sqlalchemy import make_url

    from limbeck.environment import answers_within, call_connected
    from limbeck.project import DEFAULT_CONNECT_TIMEOUT

    limit = options.get("connect_timeout")
    with answers_within(DEFAULT_CONNECT_TIMEOUT if limit is None else limit):
        return call_connected(make_url(url or ""), partial(_compare_on, metadata))


def _compare_on(
    metadata: MetaData | Sequence[MetaData], connection: Connection
) -> SchemaDifferences:
    from limbeck.api.values import SchemaDifferences
    from limbeck.autogenerate import diffs, produce
    from limbeck.commands import differences_as_text
    from limbeck.environment import own_context

    context: Any = own_context(connection, opts={"detect": "all"})
    words = differences_as_text(diffs(produce(context, metadata)))
    return SchemaDifferences(is_empty=not words, differences=words)


def revision(
    message: str | None = None,
    *,
    autogenerate: bool = False,
    offline: bool = False,
    head: str | Sequence[str] | None = None,
    splice: bool = False,
    branch_label: str | Sequence[str] | None = None,
    version_path: str | None = None,
    rev_id: str | None = None,
    depends_on: Sequence[str] = (),
    renames: Sequence[str] = (),
    fill: Sequence[str] = (),
    using: Sequence[str] = (),
    replace: Sequence[str] = (),
    allow_drops: bool = False,
    file_type: str = "py",
    **options: Unpack[Options],
) -> tuple[RevisionEntry, ...]:
    """Write a revision file.

    Args:
        message: the message of the revision.
        autogenerate: write the differences between models and database to the file.
        offline: compare the models with the replayed revision files, not with a database.
        head: the down revision; `head` by default.
        splice: allow a parent that is not a head.
        branch_label: the label of the revision's branch.
        version_path: the folder of the new file, if there are several.
        rev_id: the identifier, instead of a random one.
        depends_on: revisions that must be applied before this one.
        renames: `old=new` for each rename, `old=` if an object was not renamed, as `--rename`.
        fill: `table.column=SQL` for each backfill, as `--fill`.
        using: `table.column=SQL` for each conversion, as `--using`.
        replace: `enum.value=other` for each removed enum value, as `--replace`.
        allow_drops: allow dropping most tables of the database.
        file_type: `py`, or `sql` for a file of SQL statements.
        options: project, database and limits; see `Options`.

    Returns:
        The revisions that were written; a hook of env.py may write none or several.

    Raises:
        DraftError: models and database cannot be compared, or a rename is not decided.
        HistoryError: the down revision does not exist or is ambiguous.
        ProjectError: arguments exclude each other, or the file cannot be written.
        GivenDatabaseIgnoredError: env.py does not use the given `url` or `connection`.
        InvalidArgumentError: an option is unknown or excludes another one.
    """
    from limbeck import commands
    from limbeck.api.values import revision_entry

    request = commands.RevisionRequest(
        message=message,
        autogenerate=autogenerate,
        head=head if isinstance(head, str) or head is None else tuple(head),
        splice=splice,
        branch_label=branch_label
        if isinstance(branch_label, str) or branch_label is None
        else tuple(branch_label),
        version_path=version_path,
        rev_id=rev_id,
        depends_on=tuple(depends_on),
        answers=commands.UserAnswers(
            renames=tuple(renames), fills=tuple(fill), casts=tuple(using), values=tuple(replace)
        ),
        offline=offline,
        allow_drops=allow_drops,
        file_type=file_type,
    )
    with opened("revision", options) as given:
        new = commands.revision(given.project, request, script=given.script)
        given.project.refresh()
        graph = given.project.history()
        return tuple(
            revision_entry(commands.entry(graph, graph.get(one.id))) for one in new.revisions
        )
