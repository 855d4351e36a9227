"""Warn of data that a drafted upgrade loses, and refuse to draft the drop of most tables."""

from __future__ import annotations

import logging
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from limbeck.data_loss.counts import Loss, Risk, find_losses
from limbeck.data_loss.operation_risks import draft_risks, model_risks
from limbeck.data_loss.policy import read_policy, truncate
from limbeck.data_loss.unimported_models import UnimportedTable, find_unimported_models
from limbeck.dialects import inspector
from limbeck.errors import EmptyModelsError, TooManyDropsError
from limbeck.project import Project

_log = logging.getLogger("alembic.autogenerate")
# what a shell repeats between double quotes
_IN_QUOTES = re.compile(r"[^\"$`\\!]*")
MANY_DROPS = 5


def warn_about_draft(
    project: Project, operations: Iterable[Any], context: Any, *, drops: bool
) -> None:
    """Warn of existing rows that a drafted upgrade will lose or fail on.

    Args:
        project: the project of the draft.
        operations: the operations of the upgrade.
        context: the migration context with its connection.
        drops: True if dropping most tables is allowed.

    Raises:
        EmptyModelsError: the models have no tables, and `drops` is False.
        TooManyDropsError: most tables would be dropped, and `drops` is False.
    """
    if project.detect == "all" and not drops:
        _refuse_empty_models(project, context.opts.get("target_metadata"))
    policy = read_policy(project)
    if policy == "off" or context.connection is None:
        return
    operations = list(operations)
    risks = list(draft_risks(operations))
    dropped = [risk.name for risk in risks if risk.kind == "drop_table"]
    defined = find_unimported_models(project, dropped) if dropped else ()
    if (
        len(dropped) >= MANY_DROPS
        and not drops
        and len(dropped) * 2 > _count_tables(context, risks)
    ):
        _refuse_many_drops(project, dropped, defined)
    if defined:
        _log.warning(
            "The draft drops tables that modules define which were not imported: %s. Import them "
            "where env.py sets target_metadata.",
            _listed(defined),
        )
    if project.detect == "all":
        models = context.opts.get("target_metadata")
        risks += model_risks(models, context.dialect, operations)
    for line in truncate([_draft_line(loss) for loss in find_losses(context.target, risks)]):
        _log.warning("%s", line)


def _listed(defined: Sequence[UnimportedTable]) -> str:
    return ", ".join(truncate([str(table) for table in defined]))


def _refuse_empty_models(project: Project, models: Any) -> None:
    """Raise an error if the models have no table, sequence or other declared object."""
    listed = models if isinstance(models, (list, tuple)) else [models]
    if any(
        metadata is None or metadata.tables or metadata._sequences or metadata.info
        for metadata in listed
    ):
        return
    defined = find_unimported_models(project)
    where = (
        f" ({', '.join(truncate(sorted({table.path for table in defined})))})" if defined else ""
    )
    raise EmptyModelsError(
        "The models have no tables: nothing was written",
        hint=f"Import the modules that define the models{where} where target_metadata is set. To "
        "drop all tables, use --allow-drops.",
    )


def _count_tables(context: Any, risks: Iterable[Risk]) -> int:
    schemas = {risk.namespace for risk in risks}
    reading = inspector(context.connection)
    return sum(len(reading.get_table_names(schema)) for schema in schemas)


def _refuse_many_drops(
    project: Project, dropped: Sequence[str], defined: Sequence[UnimportedTable]
) -> None:
    few = ", ".join(dropped[: MANY_DROPS - 1])
    text = f"The models lack {len(dropped)} of the database's tables ({few}, ...)"
    first = "If models were not imported, import their modules where env.py sets target_metadata."
    if defined:
        first = (
            f"Modules with models were not imported: {_listed(defined)}. Import them where env.py "
            "sets target_metadata."
        )
    hint = (
        f"{first} If other programs own the tables, exclude them with include_name. To drop the "
        "tables, use --allow-drops."
    )
    if project.detect == "all":
        raise TooManyDropsError(f"{text}: nothing was written", hint=hint)
    _log.warning("%s: they would all be dropped. Were all models imported?", text)


def _draft_line(loss: Loss) -> str:
    end = "" if loss.loses_data else ": the statement will fail"
    if loss.risk.kind in {"not_null", "new_not_null"}:
        end += f"; {_fill_option(loss.risk)} gives existing rows a value"
    is_inline_enum = loss.risk.kind == "narrow" and hasattr(loss.risk.type, "enums")
    if is_inline_enum or loss.risk.kind in {"enum_value", "unknown_value"}:
        end += "; --replace ENUM.VALUE=OTHER gives these rows another value"
    return f"The new revision {loss.text}{end}"


def _fill_option(risk: Risk) -> str:
    """Return the option that fills a column, as a shell reads it; with a value if one is known."""
    values = getattr(risk.type, "enums", None)
    if not values:
        return f'--fill "{risk.name}.{risk.columns[0]}=SQL"'
    literal = str(values[0]).replace("'", "''")
    answer = f"{risk.name}.{risk.columns[0]}='{literal}'"
    return f'--fill "{answer}"' if _IN_QUOTES.fullmatch(answer) else f"--fill {shlex.quote(answer)}"
