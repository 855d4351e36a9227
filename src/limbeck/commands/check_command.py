"""`check`: compare the models with the database."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from limbeck.commands.revision_command import run_drafts
from limbeck.commands.run_env import Script
from limbeck.data_loss import find_unimported_models
from limbeck.errors import DifferencesFoundError
from limbeck.history import MultipleHeadsError
from limbeck.project import Project, new_identifier

_MAX_NAMED = 10
_log = logging.getLogger("alembic.autogenerate")


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The differences that a new revision would contain.

    Attributes:
        differences: a description of each difference.
        diffs: the differences as tuples with SQLAlchemy's objects.
        drafts: the drafts that contain them.
        speaks_tuples: whether the error message shows the tuples, as in Alembic.
    """

    differences: tuple[str, ...]
    diffs: list[Any] = field(compare=False, default_factory=list)
    drafts: Any = field(compare=False, default=None)
    speaks_tuples: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether there are no differences."""
        return not self.differences


def check(project: Project, *, script: Script | None = None, offline: bool = False) -> CheckResult:
    """Compare the models with the database, including hooks, without writing.

    Args:
        project: the project.
        script: the `context.script` of env.py.
        offline: compare with the replayed history instead of a database.

    Raises:
        MultipleHeadsError: `offline` is set and the history has several heads.
    """
    from limbeck.autogenerate import RevisionDrafts, diffs
    from limbeck.operations import DowngradeOps, MigrationScript, UpgradeOps

    drafts = RevisionDrafts(
        MigrationScript(new_identifier(), UpgradeOps([]), DowngradeOps([]), head="head")
    )
    run_drafts(
        project,
        drafts,
        compare=True,
        script=script,
        offline=offline,
        # Alembic creates the version table here, and programs may depend on it
        read_only=project.detect != "alembic",
    )
    if offline and len(heads := project.history().heads) > 1:
        raise MultipleHeadsError(heads, "head")
    found = [one for draft in drafts.scripts for one in diffs(draft)]
    if project.detect != "alembic":
        found = _without_steps(found)
    _name_unimported_models(project, found)
    return CheckResult(
        differences=differences_as_text(found),
        diffs=found,
        drafts=drafts,
        speaks_tuples=project.detect == "alembic",
    )


def _name_unimported_models(project: Project, diffs: Iterable[Any]) -> None:
    """Warn of modules that were not imported and define tables that the models lack."""
    lacking = [one[1].name for one in diffs if _kind(one) == "remove_table"]
    defined = find_unimported_models(project, lacking) if lacking else ()
    if defined:
        _log.warning(
            "Modules with models were not imported: %s",
            ", ".join(str(one) for one in defined[:_MAX_NAMED]),
        )


def _without_steps(diffs: list[Any]) -> list[Any]:
    """Leave out the changes of columns that are added: they are steps of adding them."""
    added = {
        (*one[1:3], one[3].name)
        for one in diffs
        if isinstance(one, tuple) and _kind(one) == "add_column"
    }
    return [one for one in diffs if not (isinstance(one, list) and one and one[0][1:4] in added)]


def differences_as_text(diffs: Iterable[Any]) -> tuple[str, ...]:
    """Return a description of each difference.

    Args:
        diffs: the differences as tuples, in Alembic's format.
    """
    return tuple(_words(one) for one in diffs if _kind(one) != "note")


def require_agreement(checked: CheckResult) -> None:
    """Raise an error if models and database differ.

    Raises:
        DifferencesFoundError: they differ.
    """
    if checked.is_empty:
        return
    if checked.speaks_tuples:
        message = f"New upgrade operations detected: {checked.diffs}"
    else:
        number = len(checked.differences)
        noun = "difference" if number == 1 else "differences"
        lines = "\n".join(f"  {one}" for one in checked.differences)
        kinds = ", ".join(sorted(_kinds(checked.diffs)))
        message = (
            f"New upgrade operations detected: {number} {noun} between the models and the "
            f"database ({kinds})\n{lines}"
        )
    raise DifferencesFoundError(
        message,
        checked.drafts,
        checked.diffs,
        hint="`revision --autogenerate` writes the migration",
    )


_VERBS = {"add": "add", "remove": "drop", "modify": "change"}


def _kind(diff: Any) -> str:
    first = diff[0] if isinstance(diff, list) and diff else diff
    # a change that Alembic does not know has no tuples
    return str(first[0]) if first else "other"


def _kinds(diffs: Iterable[Any]) -> set[str]:
    each = (one for diff in diffs for one in (diff if isinstance(diff, list) else [diff]))
    return {_kind(one) for one in each} - {"note"}


def _words(diff: Any) -> str:
    if not diff:
        return "a change without a description; see `revision --autogenerate`"
    if isinstance(diff, list):
        return "; ".join(_words(one) for one in diff)
    kind = str(diff[0])
    verb, _, thing = kind.partition("_")
    if verb == "modify" and len(diff) >= 7:  # noqa: PLR2004 - the shape of a column's change
        table = _qualified(diff[1], diff[2])
        what = thing.replace("_", " ")
        return (
            f"change the {what} of column {table}.{diff[3]}: {_shown(diff[5])} to {_shown(diff[6])}"
        )
    if thing in {"enum", "sequence"}:
        return f"{_VERBS.get(verb, verb)} {thing} {_qualified(diff[1], diff[2])}"
    subject = _subject(diff[1:])
    return f"{_VERBS.get(verb, verb)} {thing.replace('_', ' ')} {subject}".strip()


def _shown(value: Any) -> str:
    """Return a type, default or comment as text."""
    expression = getattr(value, "arg", getattr(value, "sqltext", value))
    text = getattr(expression, "text", None)
    return str(text) if isinstance(text, str) else repr(expression)


def _qualified(namespace: Any, name: Any) -> str:
    return f"{namespace}.{name}" if namespace else str(name)


def _subject(parts: tuple[Any, ...]) -> str:
    shown = parts[-1] if parts else ""
    name = getattr(shown, "name", None)
    table = getattr(shown, "table", None)
    holder = getattr(table, "fullname", None)
    if holder is None and len(parts) == 3:  # noqa: PLR2004 - namespace, table, column
        holder = _qualified(parts[0], parts[1])
    own = getattr(shown, "fullname", None) or name or ("without a name" if holder else shown)
    if holder and own != holder:
        columns = getattr(shown, "columns", None)
        listed = (
            ", ".join(one.name for one in columns)
            if columns is not None and table is not None
            else ""
        )
        inner = f" ({listed})" if listed else ""
        return f"{own}{inner} on {holder}" if columns is not None else f"{holder}.{own}"
    return str(own)
