"""The law of headers: reading the text gives the header of the executed file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from limbeck.history import NeedsRun, from_names, read_header

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8)
values = st.one_of(
    st.none(),
    words,
    st.lists(words, max_size=3, unique=True),
    st.lists(words, max_size=3, unique=True).map(tuple),
    st.sets(words, min_size=1, max_size=3),
)
names = st.sampled_from(["down_revision", "branch_labels", "depends_on", "other"])
notes = st.sampled_from(["", "  # revision", " # it's a note", "\n\n# text\n", "\nimport os\n"])


@st.composite
def files(draw: st.DrawFn) -> str:
    lines = []
    if draw(st.booleans()):
        lines.append(
            repr(draw(words))
            if draw(st.booleans())
            else f'"""{draw(st.sampled_from(["a", "a b", "x = 1", "def f():", "revision = 2"]))}\n\nmore\n"""'
        )
    lines.append(f"revision = {draw(words)!r}{draw(notes)}")
    for _ in range(draw(st.integers(0, 4))):
        annotation = draw(st.sampled_from(["", ": str", ": 'str | None'"]))
        lines.append(f"{draw(names)}{annotation} = {draw(values)!r}{draw(notes)}")
    if draw(st.booleans()):
        lines.append("def upgrade():\n    revision = 1")
        if draw(st.booleans()):
            lines.append(f"{draw(names)} = {draw(values)!r}")
    return "\n".join(lines) + "\n"


@given(files())
def test_the_header_read_from_text_equals_the_header_of_the_executed_file(text: str) -> None:
    run: dict[str, object] = {}
    exec(compile(text, "file", "exec"), run)
    header = read_header(text)
    if not isinstance(header, NeedsRun):
        assert header == from_names(run)
        assert header.long_doc == from_names(run).long_doc
