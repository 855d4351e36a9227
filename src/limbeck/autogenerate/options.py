"""Which differences a comparison looks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

# The detections of each of Alembic's built-in plugins, which can be switched off by name.
_PLUGINS: Mapping[str, frozenset[str]] = {
    "alembic.autogenerate.schemas": frozenset(),
    "alembic.autogenerate.tables": frozenset({"tables", "columns"}),
    "alembic.autogenerate.types": frozenset({"types"}),
    "alembic.autogenerate.constraints": frozenset(
        {"nullable", "indexes", "uniques", "foreign_keys"}
    ),
    "alembic.autogenerate.defaults": frozenset({"defaults"}),
    "alembic.autogenerate.comments": frozenset({"comments"}),
    "alembic.ext.checkconstraint_byname": frozenset({"checks_by_name"}),
}
# Former names of plugins.
_FORMER_NAMES = {
    "alembic.autogenerate.checkconstraint_byname": "alembic.ext.checkconstraint_byname",
}
_STANDARD_PLUGINS = ("alembic.autogenerate.*",)
_ALL_PARTS = frozenset(
    {
        "tables",
        "columns",
        "types",
        "nullable",
        "defaults",
        "comments",
        "indexes",
        "uniques",
        "foreign_keys",
        "primary_keys",
        "checks",
        "excludes",
        "options",
        "things",
    }
)


@dataclass(frozen=True)
class Detections:
    """The differences to look for.

    Args:
        parts: the kinds of differences that are detected.
        compare_type: True, False, or the user's function.
        compare_server_default: the same for defaults.
        plugins: names of comparator plugins that run.
    """

    parts: frozenset[str]
    compare_type: bool | Callable[..., Any]
    compare_server_default: bool | Callable[..., Any]
    plugins: tuple[str, ...] = _STANDARD_PLUGINS

    @classmethod
    def of(cls, opts: Mapping[str, Any], context: Any = None) -> Detections:
        """Read the detections from the options given to `context.configure`.

        Args:
            opts: the options.
            context: a migration context whose two comparison methods may have been replaced.
        """
        all_parts = opts.get("detect", "alembic") == "all"
        listed = opts.get("autogenerate_plugins") or _STANDARD_PLUGINS
        plugins = tuple(_present_name(name) for name in listed)
        wanted = plugin_filter(plugins)
        chosen = frozenset().union(
            *(detections for name, detections in _PLUGINS.items() if wanted(name))
        )
        type_ = getattr(context, "_user_compare_type", opts.get("compare_type"))
        default = getattr(
            context, "_user_compare_server_default", opts.get("compare_server_default")
        )
        return cls(
            parts=_ALL_PARTS if all_parts else chosen,
            compare_type=True if type_ is None else type_,
            compare_server_default=all_parts if default in (None, False) else default,
            plugins=plugins,
        )

    def __contains__(self, part: str) -> bool:
        return part in self.parts


def _present_name(pattern: str) -> str:
    sign = "~" if pattern.startswith("~") else ""
    name = pattern.removeprefix("~")
    return sign + _FORMER_NAMES.get(name, name)


def plugin_filter(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a predicate for plugin names: patterns with `*`; a leading `~` excludes a pattern."""
    listed = list(patterns)
    excluded = [pattern[1:] for pattern in listed if pattern.startswith("~")]
    included = [pattern for pattern in listed if not pattern.startswith("~")]

    def wanted(name: str) -> bool:
        if any(fnmatchcase(name, pattern) for pattern in excluded):
            return False
        return any(fnmatchcase(name, pattern) for pattern in included)

    return wanted
