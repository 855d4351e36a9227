"""The law of plain templates: rendering without Mako gives the result of Mako."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from mako.template import Template

from limbeck.startup.fast_template import render_plain


def _comma(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value or "")


def _number(value: object) -> int:
    return len(str(value))


ARGUMENTS = {
    "message": "two words",
    "up_revision": "a1",
    "down_revision": None,
    "labels": ("x", "y"),
    "comma": _comma,
    "number": _number,
    "str_": "",
}
names = st.sampled_from(
    [*ARGUMENTS, "absent", "self", "context", "len", "__name__", "x y", "1", "'a'"]
)
operators = st.sampled_from(
    [" if ", " else ", " or ", ",", "(", ")", ".", "*", "=", " is None", "{", "#"]
)
expressions = st.one_of(
    names,
    st.builds("repr({})".format, names),
    st.builds('{0} if {0} else "none"'.format, names),
    st.builds("{}[{}]".format, names, st.sampled_from(["0", "1", "-1"])),
    st.lists(st.one_of(names, operators), max_size=4).map("".join),
)
filters = st.sampled_from(
    ["", "n", "comma", "comma,n", "number", "number,n", "h", "trim", "nothing"]
)
parts = st.one_of(
    st.builds("${{{}}}".format, expressions),
    st.builds("${{ {} | {} }}".format, expressions, filters),
    st.builds("${{{}|{}}}".format, expressions, filters),
    st.sampled_from(
        ["\n", "text ", "% if x:\n", "%% ", "## note\n", " # note\n", "<% y = 1 %>", "</%", "\\\n", "$", "{",
         "}", "${", "def f():\n    pass\n", '"""', "\u2028", "é", "\x0c", "\r\n", "  ", "<%doc>", "|"]
    ),
)  # fmt: skip


@given(st.lists(parts, max_size=6).map("".join))
@settings(max_examples=400)
def test_any_text_is_rendered_as_by_mako(text: str) -> None:
    plain = render_plain(text, ARGUMENTS)
    if plain is not None:
        assert Template(text, output_encoding=None).render_unicode(**ARGUMENTS) == plain


def test_usual_templates_are_plain() -> None:
    text = (
        '"""${message}\n\nRevises: ${down_revision | comma,n}\n"""\n${imports if imports else ""}\n\n'
        "revision: str = ${repr(up_revision)}\nlabels = ${repr(labels)}\n\n\n"
        'def upgrade() -> None:\n    ${upgrades if upgrades else "pass"}\n'
    )
    assert render_plain(text, ARGUMENTS) == (
        '"""two words\n\nRevises: \n"""\n\n\n'
        "revision: str = 'a1'\nlabels = ('x', 'y')\n\n\ndef upgrade() -> None:\n    pass\n"
    )


def test_other_templates_are_left_to_mako() -> None:
    for text in (
        "% if message:\nx\n% endif\n", "## note\n", "<%doc>x</%doc>", "a\\\nb", "${message", "x\r\n",
        "${absent}", "${nothing.x}", "${message | h}", "${self.name}", "${number(message) | n}",
        "${'}'}", "${{}}", "${context}", "${1 +}", "${[x for x in labels]}", "<%! import os %>",
    ):  # fmt: skip
        assert render_plain(text, ARGUMENTS) is None, text
