"""The settings of `[tool.limbeck]`, and the check for misspelt ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from limbeck.errors import UnknownSettingError
from limbeck.project.settings_table import TABLE

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

HOOKS = (
    "include_name",
    "include_object",
    "process_revision_directives",
    "render_item",
    "on_version_apply",
    "compare_type",
    "compare_server_default",
)
SETTINGS = frozenset(setting.name for setting in TABLE if setting.scope != "ini")


def require_known(table: Mapping[str, Any], path: str, name: str = "tool.limbeck") -> None:
    """Reject a setting whose name is almost that of a known setting.

    Other unknown names are accepted, because env.py may read them.

    Raises:
        UnknownSettingError: a name is misspelt.
    """
    unknown = [key for key in table if key not in SETTINGS]
    for key in unknown:
        near = nearest(key, SETTINGS)
        if near is not None:
            raise UnknownSettingError(
                f"[{name}] in {path} has no setting {key!r}",
                hint=f"did you mean {near}?",
                place=path,
            )


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most similar to a word, None if none is similar."""
    from difflib import get_close_matches

    found = get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.75)
    return found[0] if found else None


def with_environment(tables: Mapping[str, Any], name: str | None, path: str) -> Mapping[str, Any]:
    """Return settings, overridden by those of a named environment.

    Args:
        tables: `[tool.limbeck]`, where `env` contains a table for each environment.
        name: the environment, or None.
        path: the file, for errors.

    Raises:
        UnknownSettingError: the environment does not exist.
    """
    if name is None:
        return tables
    environments = tables.get("env", {})
    if not isinstance(environments, dict) or not isinstance(environments.get(name), dict):
        listed = sorted(environments) if isinstance(environments, dict) else []
        near = nearest(name, listed)
        known = f"there are {', '.join(listed)}" if listed else "there is none"
        raise UnknownSettingError(
            f"{path} has no environment {name!r}",
            hint=f"did you mean {near}?"
            if near
            else f"{known}; add a table [tool.limbeck.env.{name}]",
            place=path,
            code="LB131",
        )
    own = environments[name]
    require_known(own, path, f"tool.limbeck.env.{name}")
    found = {**tables, **own}
    common, special = tables.get("databases"), own.get("databases")
    if isinstance(common, dict) and isinstance(special, dict):
        found["databases"] = {
            key: _over(common.get(key), special.get(key)) for key in {**common, **special}
        }
    return found


def _over(common: Any, special: Any) -> Any:
    """Return the settings of a database with those of an environment over them."""
    if isinstance(common, dict) and isinstance(special, dict):
        return {**common, **special}
    return common if special is None else special
