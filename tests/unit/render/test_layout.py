"""Statements in the form that formatters of Python give them."""

from __future__ import annotations

import pytest

from limbeck.render.layout import import_lines, lay_out, string_source


def _lines(source: str) -> str:
    return "\n".join(lay_out(source, 0).lines)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("op.drop_table('t')", 'op.drop_table("t")'),
        ("f(\n  a,\n b)", "f(a, b)"),
        ("op.create_table('t',\nsa.Column('a')\n)", 'op.create_table(\n    "t",\n    sa.Column("a"),\n)'),
        (f"operation('{'x' * 40}', a=1, bb=2, cc=3, dd='{'y' * 15}')",
         f'operation(\n    "{"x" * 40}", a=1, bb=2, cc=3, dd="{"y" * 15}"\n)'),
        (f"f(['{'x' * 50}', '{'y' * 30}'])",
         f'f(\n    [\n        "{"x" * 50}",\n        "{"y" * 30}",\n    ]\n)'.replace("]\n)", "],\n)")),
        ("# why\nf(1)", "# why\nf(1)"),
        ("with f('a') as b:\n    b.g(\n        -1)\n", 'with f("a") as b:\n    b.g(-1)'),
        ("f((1,), {'a': 2}, {3}, *[4], **k)", "f((1,), {'a': 2}, {3}, *[4], **k)"),
        ("f((1,), {'a': 2}, {3}, *[4])", 'f((1,), {"a": 2}, {3}, *[4])'),
        # what is no call of values stays as somebody wrote it
        ("x = lambda:  0", "x = lambda:  0"),
        ("f(lambda: 0,\n  1)", "f(lambda: 0,\n  1)"),
        ("f(1,  # one\n  2)", "f(1,  # one\n  2)"),
        ("op.execute('SELECT 1,\\n 2')", 'op.execute("""SELECT 1,\n 2""")'),
        ("op.execute('a\\tb\\nc')", 'op.execute("a\\tb\\nc")'),
        ("def broken(", "def broken("),
    ],
)  # fmt: skip
def test_statements(source: str, wanted: str) -> None:
    assert _lines(source) == wanted


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("a", '"a"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("both ' and \"", '"both \' and \\""'),
        ('more "\'" "', "'more \"\\'\" \"'"),
        ("\\n\n", '"\\\\n\\n"'),
    ],
)
def test_strings(text: str, source: str) -> None:
    assert string_source(text) == source
    assert eval(source) == text


def test_imports_are_those_that_are_used_sorted() -> None:
    lines = {"from sqlalchemy.dialects import postgresql", "import datetime", "import app.types",
             "from sqlalchemy.dialects import mysql", "import unused"}  # fmt: skip
    names = {"op", "sa", "postgresql", "mysql", "app", "datetime"}
    assert import_lines(lines, names) == (
        "import datetime\n\nimport app.types\nimport sqlalchemy as sa\nfrom limbeck import op\n"
        "from sqlalchemy.dialects import mysql, postgresql"
    )
    assert import_lines({"import kept"}, set(), always={"import kept"}) == "import kept"
    for line in ("import reports  # noqa: F401", "from shop import reports  # noqa: F401"):
        assert import_lines({line}, set()) == line
