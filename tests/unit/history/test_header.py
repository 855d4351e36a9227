"""A header read from the text is the header that running the file gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from limbeck.history import (
    NeedsRun,
    NoIdentifierError,
    Revision,
    UnreadableHeaderError,
    decode_source,
    from_names,
    read_header,
)

USUAL = '''"""add users

Revision ID: abc
Revises: xyz
Create Date: 2026-01-02 03:04:05

"""
from typing import Union

# revision identifiers, used by the migration tool.
revision: str = "abc"
down_revision: Union[str, None] = "xyz"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
'''

SAME = [
    USUAL,
    "revision='a'\ndown_revision=('b','c',)\n",
    "revision='a'\ndown_revision=['b']\nbranch_labels={'x','y'}\n",
    "'doc'\nrevision = 'a' 'b'\n",
    "revision = 'a'\nrevision = 'b'\n",
    "revision='a'\ndef f(): pass\nrevision='z'\n",
    "x='q'\nrevision=x\n",
    "r'''d\\n'''\nrevision='a'\n",
    '"""d\\n"""\nrevision="a"\n',
    '# c\n\n"""d""" # x\nrevision="a" # b = "c"\n',
    "revision = 'a'; down_revision = 'b'\n",
    "revision = down_revision = 'a'\n",
    "'''x\ndef f():\nrevision='q'\n'''\nrevision='a'\n",
    'revision="a\\x41"\n',
    "import os as revision\nrevision='a'\n",
    "revision=(\n 'a'\n)\n",
    "down_revision=(\n 'a',\n 'b'\n)\nrevision='x'\n",
    "revision='a'\n__doc__='hey'\n",
    "x=dict(\nrevision='b'\n)\nrevision='a'\n",
    "'a' 'b'\nrevision='a'\n",
    "f'x'\nrevision='a'\n",
    "b'x'\nrevision='a'\n",
    "u'doc'\nrevision='a'\n",
    "def upgrade():\n    revision='b'\nrevision='a'\n",
    "revision='a'\ndel revision\nrevision='c'\n",
    "revision = 'a' # comment with revision\n",
    "revision='a' \ndown_revision =\\\n'b'\n",
    'revision="it\'s"\n',
    "revision='#a'\n",
    "revision='a'\ndef upgrade(n):\n    globals()['up_' + n]()\n",
]


@pytest.mark.parametrize("text", SAME)
def test_the_header_read_from_text_equals_the_header_of_the_executed_file(text: str) -> None:
    names: dict[str, object] = {}
    exec(compile(text, "file", "exec"), names)
    header = read_header(text)
    assert isinstance(header, Revision)
    assert header == from_names(names)
    assert header.long_doc == from_names(names).long_doc


@pytest.mark.parametrize(
    "text",
    [
        "revision='a'\nif True:\n    revision='c'\n",
        "revision=f'{1:>3}'\n",
        "from names import *\nrevision='a'\n",
        "revision='a'\nglobals()['revision']='q'\n",
        "revision='a'\ndown_revision=None or 'z'\n",
        "revision='a'\nbranch_labels=['x']\nbranch_labels.append('y')\n",
        "revision='a'\n[revision := 'b']\n",
        "for revision in 'ab': pass\n",
        "revision='a'\ndef f():\n    globals()['revision']='q'\nf()\n",
        "def broken(:\nrevision='a'\n",
    ],
)
def test_a_computed_header_is_not_guessed(text: str) -> None:
    assert isinstance(read_header(text), NeedsRun)


def test_first_paragraph_is_the_message() -> None:
    header = read_header(USUAL)
    assert isinstance(header, Revision)
    assert header.doc == "add users"
    assert header.long_doc.endswith("03:04:05")


def test_hex_digits_of_the_file_name_replace_a_missing_identifier() -> None:
    header = read_header("down_revision=None\n", Path("abc123.py"))
    assert isinstance(header, Revision)
    assert header.id == "abc123"
    with pytest.raises(NoIdentifierError, match=r"abc123_x\.py"):
        read_header("down_revision=None\n", Path("abc123_x.py"))


@pytest.mark.parametrize("text", ["revision=5\n", "revision='a'\ndown_revision=3\n"])
def test_values_that_are_no_identifiers_are_refused(text: str) -> None:
    names: dict[str, object] = {}
    exec(text, names)
    with pytest.raises(UnreadableHeaderError):
        from_names(names)


def test_source_is_decoded_as_python_decodes_it() -> None:
    assert decode_source(b"\xef\xbb\xbfrevision='a'\r\n") == "revision='a'\n"
    assert decode_source("# coding: latin-1\n'ü'".encode("latin-1")).endswith("'ü'")
    with pytest.raises(UnreadableHeaderError, match="cannot be decoded"):
        decode_source(b"'\xff'", Path("x.py"))
