"""The law of plain arguments: reading them without a parser gives the result of the parser."""

from __future__ import annotations

import contextlib
import io
from argparse import Namespace

from hypothesis import given, settings
from hypothesis import strategies as st

from limbeck.cli import build_parser
from limbeck.cli.arguments import COMMANDS, GLOBAL, OPTIONS
from limbeck.startup.fast_arguments import ParsedArguments, read

EVERY = (*GLOBAL, *OPTIONS.values())
FLAGS = sorted({flag for option in EVERY for flag in option.flags})
VALUES = ("head", "a1", "a:b", "", "-1", "+1", "1.5", "x=-y", "bash", "ask", "two words", "-m")
words = st.one_of(
    st.sampled_from(FLAGS),
    st.sampled_from(VALUES),
    st.sampled_from([spec.name for spec in COMMANDS]),
    st.builds("{}={}".format, st.sampled_from(FLAGS), st.sampled_from(VALUES)),
    st.sampled_from(FLAGS).map(lambda flag: flag[:-1]),
    st.sampled_from(["--", "-vi", "--help", "--version", "-", "-ca.ini"]),
)


def parsed(given_words: list[str]) -> Namespace | None:
    parser, _ = build_parser("limbeck", "1")
    quiet = io.StringIO()
    with contextlib.redirect_stderr(quiet), contextlib.redirect_stdout(quiet):
        try:
            return parser.parse_args(given_words)
        except SystemExit:
            return None


def agrees(given_words: list[str]) -> bool:
    plain = read(given_words)
    if plain is None:
        return False
    assert ParsedArguments(**vars(parsed(given_words) or Namespace())) == plain
    return True


@given(st.lists(words, max_size=6))
@settings(max_examples=300)
def test_any_words_are_read_like_the_parser_or_not_at_all(given_words: list[str]) -> None:
    agrees(given_words)


@st.composite
def valid_command_lines(draw: st.DrawFn) -> list[str]:
    spec = draw(st.sampled_from(COMMANDS))
    found = [*draw(_some(GLOBAL)), spec.name]
    own = [OPTIONS[name] for name in spec.arguments]
    found += draw(_some(tuple(option for option in own if option.flags)))
    places = [draw(st.sampled_from(VALUES)) for option in own if not option.flags]
    return [*found, *places, *draw(_some(tuple(option for option in own if option.flags)))]


@st.composite
def _some(draw: st.DrawFn, options: tuple[object, ...]) -> list[str]:
    found: list[str] = []
    for option in draw(st.lists(st.sampled_from(options), max_size=2)) if options else ():
        found.append(draw(st.sampled_from(option.flags)))  # type: ignore[attr-defined]
        if option.settings.get("action") != "store_true":  # type: ignore[attr-defined]
            found.append(draw(st.sampled_from(VALUES)))
    return found


@given(valid_command_lines())
@settings(max_examples=300)
def test_valid_command_lines_are_read_like_the_parser(given_words: list[str]) -> None:
    agrees(given_words)


def test_usual_command_lines_are_plain() -> None:
    for line in (
        "heads", "history", "history -v", "-c a.ini heads --json", "history -r a:b -i",
        "--name=x -x a=1 -x b=2 upgrade head", "downgrade base --sql", "upgrade --tag=t head",
        "show head", "merge a b -m text", "revision -m text --autogenerate", "branches -v",
        "-q current", "stamp --purge a b", "upgrade --lock-timeout 1.5 head", "completion zsh",
        "upgrade", "upgrade -y", "rebase", "rebase a --onto b",
    ):  # fmt: skip
        assert agrees(line.split()), line


def test_other_command_lines_are_left_to_the_parser() -> None:
    for line in (
        "", "nothing", "--help", "heads --help", "heads --verb", "history -vi",
        "upgrade a b", "downgrade -1", "merge a -m text b", "completion cmd",
        "upgrade --lock-timeout soon head", "restore a", "heads --", "-ca.ini heads",
        "heads -q", "revision -m", "revision -m -x", "heads --json=yes",
    ):  # fmt: skip
        assert read(line.split()) is None, line
