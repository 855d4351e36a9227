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
        plugins = tuple([_present_name(name) for name in listed])
        parts = _ALL_PARTS if all_parts else _parts_of(plugins)
        type_ = getattr(context, "_user_compare_type", opts.get("compare_type"))
        default = getattr(
            context, "_user_compare_server_default", opts.get("compare_server_default")
        )
        return cls(
            parts=parts,
            compare_type=True if type_ is None else type_,
            compare_server_default=all_parts if default in (None, False) else default,
            plugins=plugins,
        )

    def __contains__(self, part: str) -> bool:
        return part in self.parts


def _parts_of(plugins: Iterable[str]) -> frozenset[str]:
    """Return the parts that Alembic's plugins detect, of those that the patterns select."""
    wanted = plugin_filter(plugins)
    found: set[str] = set()
    for name, parts in _PLUGINS.items():
        if wanted(name):
            found |= parts
    return frozenset(found)


def _present_name(pattern: str) -> str:
    sign = "~" if pattern.startswith("~") else ""
    name = pattern.removeprefix("~")
    return sign + _FORMER_NAMES.get(name, name)


def plugin_filter(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a predicate for plugin names: patterns with `*`; a leading `~` excludes a pattern."""
    listed = list(patterns)

    def wanted(name: str) -> bool:
        is_included = False
        for pattern in listed:
            if pattern.startswith("~") and fnmatchcase(name, pattern[1:]):
                return False
            is_included = is_included or fnmatchcase(name, pattern)
        return is_included

    return wanted
