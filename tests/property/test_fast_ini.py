"""The law of plain ini files: what is read without the parser is what the parser reads."""

from __future__ import annotations

import configparser
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from limbeck.project.paths import folder_of
from limbeck.startup.fast_ini import read_plain

HERE = "/some/where"
pieces = st.sampled_from(
    ["a", "B", " ", "\t", "=", ":", "#", ";", "%", "%%", "%(here)s", "%(other)s", "[", "]", ",",
     "here", "x y", "é", "\x0c", "\u2028", "DEFAULT"]
)  # fmt: skip
texts = st.lists(pieces, max_size=5).map("".join)
lines = st.one_of(
    texts,
    texts.map("[{}]".format),
    st.sampled_from(
        ["[alembic]", "[limbeck]", "[alembic] ", " [x]", "", "  ", "# note", "  ; note"]
    ),
    st.builds("{}{}{}".format, texts, st.sampled_from(["=", " = ", ":", " : "]), texts),
    st.builds("{} = {}".format, st.sampled_from("abcdefgh"), texts),
    texts.map("    {}".format),
)


def _parsed(text: str) -> dict[str, dict[str, str | None]] | None:
    parser = configparser.ConfigParser({"here": HERE})
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    found: dict[str, dict[str, str | None]] = {}
    for section in parser.sections():
        found[section] = {}
        for option in parser.options(section):
            try:
                found[section][option] = parser.get(section, option)
            except configparser.Error:
                found[section][option] = None
    return found


@given(st.lists(lines, max_size=8), st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_lines(written: list[str], end: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.ini")
        path.write_bytes(end.join(written).encode())
        plain = read_plain(str(path), HERE)
        with path.open() as file:
            expected = _parsed(file.read())
    if plain is None:
        return
    assert expected is not None
    assert list(plain.sections) == list(expected)
    for section, options in plain.sections.items():
        assert {*options, "here"} == set(expected[section])
        for option, text in options.items():
            assert plain.filled(text) in {None, expected[section][option]}
            if expected[section][option] is None:
                assert plain.filled(text) is None


def test_usual_files_are_plain(tmp_path: Path) -> None:
    path = tmp_path / "a.ini"
    path.write_text(
        "# first\n[alembic]\nscript_location = %(here)s/migrations\n\nURL : x://y:z%%40@host/db\n"
        "[loggers]\nkeys = root,sqlalchemy\n[formatter_x]\nformat = %(levelname)-5.5s %(message)s\n"
    )
    plain = read_plain(str(path), HERE)
    assert plain is not None
    options = plain.sections["alembic"]
    assert plain.filled(options["script_location"]) == f"{HERE}/migrations"
    assert plain.filled(options["url"]) == "x://y:z%40@host/db"
    assert plain.filled(plain.sections["formatter_x"]["format"]) is None


def test_what_is_not_plain_is_left_to_the_parser(tmp_path: Path) -> None:
    path = tmp_path / "a.ini"
    for text in (
        "[a]\nb = c\n  d\n", "b = c\n", "[a]\nb\n", "[a]\nb=1\nb=2\n", "[a]\n[a]\n", "[a] x\n",
        "[DEFAULT]\nb = c\n", "[a]\nhere = c\n", "[a]\n = c\n",
    ):  # fmt: skip
        path.write_text(text)
        assert read_plain(str(path), HERE) is None, text
    path.write_text("[a]\nb = c\n")
    assert read_plain(str(path), "/some%where") is None
    assert read_plain(str(tmp_path / "nowhere.ini"), HERE) is None


def test_folders(tmp_path: Path) -> None:
    for text in ("a.ini", "./a.ini", "b//a.ini", "b/../a.ini", "/a.ini", "..", "/x/./a.ini", "b/"):
        assert folder_of(text) == Path(text).absolute().parent.as_posix()
    assert folder_of(str(tmp_path / "a.ini")) == tmp_path.as_posix()
