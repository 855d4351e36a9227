"""The tables of options: help that fits each command, and no entry that replaces another one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import limbeck.cli
from limbeck.cli.arguments import COMMANDS, OPTIONS

PACKAGE = Path(limbeck.cli.__file__).parent
# options with one name and another meaning in each command
HELP = {
    ("adopt", "--yes"): "without asking",
    ("upgrade", "--yes"): "will be lost",
    ("heads", "--fix"): "heads.txt",
    ("lint", "--fix"): "safe forms",
    ("heads", "--check"): "exactly one head",
    ("snapshot", "--check"): "snapshots",
    ("revision", "--force"): "--redo",
    ("upgrade", "--force"): "tables that they create",
    ("merge", "--no-verify"): "both orders",
    ("revision", "--no-verify"): "new revision",
}


@pytest.mark.parametrize(("command", "flag"), HELP)
def test_help_fits_the_command(command: str, flag: str) -> None:
    (spec,) = (one for one in COMMANDS if one.name == command)
    (found,) = (OPTIONS[name] for name in spec.arguments if flag in OPTIONS[name].flags)
    assert HELP[command, flag] in found.help


@pytest.mark.parametrize("module", ["options.py", "fleet_options.py"])
def test_no_option_replaces_another_one_of_its_table(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text("utf-8"))
    (table,) = (
        node.generators[0].iter for node in ast.walk(tree) if isinstance(node, ast.DictComp)
    )
    assert isinstance(table, ast.Tuple)
    names = [ast.literal_eval(call.args[0]) for call in table.elts if isinstance(call, ast.Call)]
    assert len(names) > 15
    assert sorted(names) == sorted(set(names))
