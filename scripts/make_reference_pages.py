"""Write docs/settings-reference.md, docs/operations-reference.md and the table of ratios.

    python scripts/make_reference_pages.py

The settings come from the table in the code, the operations from the declarations of `op`; the
SQL of each operation's example is what limbeck writes for each database; the ratios in
docs/performance.md are those of bench/recorded.json. A test fails if a page is
out of date.
"""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import sys
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
SETTINGS_PAGE = ROOT / "docs" / "settings-reference.md"
OPERATIONS_PAGE = ROOT / "docs" / "operations-reference.md"
PERFORMANCE_PAGE = ROOT / "docs" / "performance.md"
_DATABASES = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlite": "SQLite",
    "mssql": "SQL Server",
    "oracle": "Oracle",
}
_FLEET_ALONE = {"ini_file", "toml_file", "section", "x", "select", "tags", "groups"}
_FLEET_EXAMPLES = {
    "canary": "3",
    "connections_per_server": "8",
    "executor": '"processes"',
    "files": '"data/*.db"',
    "max_failures": '"1%"',
    "results": '"${CONTROL_URL}"',
    "results_table": '"fleet_results"',
    "retries": "0",
    "schemas": '"tenant_*"',
    "source": '"shop.tenants:urls"',
    "tenants": '["sqlite:///a.db", "sqlite:///b.db"]',
    "tracing": "true",
    "url": '"${DATABASE_URL}"',
    "version_table": '"shop_version"',
    "version_table_schema": '"audit"',
    "waves": '["10%", "50%"]',
    "workers": "8",
}
_SETTINGS_HEAD = """# Settings reference

This page lists every setting with its type, its default and an example. [](configuration.md)
explains where limbeck reads them from.

Write the settings in `pyproject.toml` below `[tool.limbeck]`; limbeck also reads `[tool.alembic]`.
In an ini file, write them in the section `[alembic]`, without quotes, and separate lists as
`path_separator` says. Settings that are marked *without env.py* apply only to projects that have no
env.py. In other projects, env.py passes the same values to `context.configure()`.

This page is generated from the table in `limbeck.project.settings_table`.
"""
_OPERATIONS_HEAD = """# Operations reference

This page lists every operation of `from limbeck import op`, with its arguments, an example and the
SQL that `upgrade --sql` writes for it. [](operations.md) explains how to use them. All operations
on a table accept `schema="..."`.

Operations of `batch_alter_table` have the same arguments without the name of the table.

This page is generated from the declarations in the code. The SQL is the output of the examples.
"""


def settings_page() -> str:
    """Return the text of the page of settings."""
    from limbeck.project.settings_table import GROUPS, VARIABLES

    parts = [_SETTINGS_HEAD]
    for title, settings in GROUPS:
        parts.append(f"## {title}\n")
        for one in settings:
            marks = {"native": " *(without env.py)*", "ini": " *(ini files only)*"}
            lines = [
                f"{one.help}{marks.get(one.scope, '')}",
                "",
                f"- Type: {one.kind}",
                f"- Default: {one.default}",
            ]
            if one.variable:
                lines.append(f"- Environment variable: `{one.variable}`")
            kind = "ini" if one.scope == "ini" else "toml"
            lines += ["", f"```{kind}", f"{one.name} = {one.example}", "```", ""]
            parts.append(f"### {one.name}\n\n" + "\n".join(lines))
    parts.append("(fleets)=\n## Fleets\n")
    parts.append(
        "In `[tool.limbeck.fleet]`, or in the table `[fleet]` of a `limbeck.toml` next to the "
        "configuration file, which overrides it. [](fleets.md) explains them.\n"
    )
    parts += _fleet_settings()
    parts.append("## Environment variables\n")
    rows = [(f"`{name}`", text) for name, text in VARIABLES]
    rows += [
        (f"`{one.variable}`", f"See [{one.name}](#{one.name}).")
        for _, settings in GROUPS
        for one in settings
        if one.variable
    ]
    parts.append("| variable | |\n|---|---|\n" + "".join(f"| {a} | {b} |\n" for a, b in rows))
    return "\n".join(parts)


def _fleet_settings() -> Iterator[str]:
    from limbeck.cli.arguments import OPTIONS
    from limbeck.fleet.settings import FleetSettings

    described = _arguments(inspect.getdoc(FleetSettings) or "")
    for field in fields(FleetSettings):
        if field.name in _FLEET_ALONE:
            continue
        default = field.default
        shown = "not set" if default is None or default == () else f"`{default}`"
        text = described[field.name]
        lines = [
            f"{text[0].upper()}{text[1:]}",
            "",
            f"- Type: {_kind(str(field.type))}",
            f"- Default: {shown.replace('False', 'false')}",
        ]
        option = OPTIONS.get({"tenants": "urls"}.get(field.name, field.name))
        if option is not None and option.flags:
            lines.append(f"- Option: `{option.flags[-1]}`")
        lines += ["", "```toml", f"{field.name} = {_FLEET_EXAMPLES[field.name]}", "```", ""]
        yield f"### fleet.{field.name}\n\n" + "\n".join(lines)


def _kind(annotation: str) -> str:
    if annotation.startswith("tuple"):
        return "a list"
    return {"int": "a number", "bool": "true or false"}.get(annotation, "a text")


def _arguments(docstring: str) -> dict[str, str]:
    """Return the texts below `Args:` of a docstring."""
    _, _, text = docstring.partition("Args:\n")
    text = re.split(r"\n\n?(?=\S)", text)[0]
    found = re.findall(r"^    (\w+): (.*?)(?=^    \w+: |\Z)", text, re.MULTILINE | re.DOTALL)
    return {name: " ".join(words.split()) for name, words in found}


def operations_page() -> str:
    """Return the text of the page of operations."""
    examples = tomllib.loads((ROOT / "scripts" / "operation_examples.toml").read_text("utf-8"))
    tree = ast.parse((ROOT / "src" / "limbeck" / "op.pyi").read_text("utf-8"))
    declared = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if declared.keys() != examples.keys():
        sys.exit(f"operation_examples.toml: {sorted(declared.keys() ^ examples.keys())}")
    parts = [_OPERATIONS_HEAD]
    for name, example in examples.items():
        if "group" in example:
            parts.append(f"## {example['group']}\n")
        parts += _operation(declared[name], example)
    return "\n".join(parts)


def _operation(node: ast.FunctionDef, example: dict[str, Any]) -> Iterator[str]:
    doc = ast.get_docstring(node) or ""
    yield f"### {node.name}\n"
    yield f"```python\n{_signature(node)}\n```\n"
    yield re.split(r"\n\n(?:Args|Returns|Raises|Yields):", doc)[0] + "\n"
    arguments = {name: text for name, text in _arguments(doc).items() if name != "operations"}
    for name, text in arguments.items():
        yield f"`{name}`\n: {text[0].upper()}{text[1:]}\n"
    code = example["code"].strip()
    yield f"```python\n{code}\n```\n"
    if example.get("script", True):
        yield from _effects(example)
    if "note" in example:
        yield f"{example['note']}\n"


def _signature(node: ast.FunctionDef) -> str:
    arguments = re.sub(r"(: [^=,]+(?:\[[^\]]*\][^=,]*)?)=", r"\1 = ", ast.unparse(node.args))
    returns = "" if node.returns is None else f" -> {ast.unparse(node.returns)}"
    line = f"op.{node.name}({arguments}){returns}"
    if len(line) <= 88:  # noqa: PLR2004 - what fits on the page
        return line
    parts = re.split(r", (?![^\[]*\])", arguments)
    return f"op.{node.name}(\n" + "".join(f"    {part},\n" for part in parts) + f"){returns}"


def _effects(example: dict[str, Any]) -> Iterator[str]:
    """Yield the SQL of an example, databases with the same text together."""
    found: dict[str, list[str]] = {}
    for name, title in _DATABASES.items():
        if example.get("only", name) != name:
            continue
        text = f"!{example[name]}" if name in example else _script(name, example)
        found.setdefault(text, []).append(title)
    if not found.keys() - {""}:
        return
    yield "::::{tab-set}"
    for text, titles in found.items():
        yield f":::{{tab-item}} {', '.join(titles)}"
        if text.startswith("!"):
            yield text[1:]
        elif text:
            yield f"```{'text' if '$' in text else 'sql'}\n{text}\n```"
        else:
            yield "Nothing is executed."
        yield ":::"
    yield "::::\n"


def _script(database: str, example: dict[str, Any]) -> str:
    """Return what an example writes for a database; with `!` before it, why it cannot."""
    import sqlalchemy as sa

    from limbeck import compat
    from limbeck.errors import LimbeckError

    compat.install()
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    out = io.StringIO()
    context = MigrationContext.configure(
        dialect_name=database, opts={"as_sql": True, "output_buffer": out}
    )
    with Operations.context(context) as op, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = {"op": op, "sa": sa}
        try:
            exec(example["code"], names)  # noqa: S102 - examples of this folder
        except (LimbeckError, NotImplementedError, sa.exc.CompileError) as error:
            if getattr(error, "code", "") == "LB337":
                return "!In a `batch_alter_table` block, which copies the table."
            text = str(error).splitlines()[0].rstrip(".")
            return "!Not supported." if " has no op." in text else f"!{text}."
    return re.sub(r"\n{2,}", "\n", textwrap.dedent(out.getvalue())).strip()


def performance_page() -> str:
    """Return the page of figures, with the recorded ratios in its table."""
    recorded = json.loads((ROOT / "bench" / "recorded.json").read_text("utf-8"))
    # the comparison with itself comes last
    names = sorted(recorded, key=lambda name: (name.startswith("lock and journal"), name))
    rows = ["| work | ratio | without models | memory |", "|---|---|---|---|"]
    for name in names:
        one = recorded[name]
        without = one.get("without", "")
        shown = f"`{name}`" if name.startswith("--") else name
        rows.append(f"| {shown} | {one['ratio']} | {without} | {one['memory']} |")
    text = PERFORMANCE_PAGE.read_text("utf-8")
    begin = text.index("-->\n", text.index("<!-- ratios:")) + len("-->\n")
    end = text.index("<!-- end of ratios -->")
    return text[:begin] + "\n" + "\n".join(rows) + "\n\n" + text[end:]


PAGES = (
    (PERFORMANCE_PAGE, performance_page),
    (SETTINGS_PAGE, settings_page),
    (OPERATIONS_PAGE, operations_page),
)

if __name__ == "__main__":
    for path, made in PAGES:
        path.write_text(made(), "utf-8")
