"""Comments that ignore rules, and baseline files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from limbeck.errors import InvalidValueError
from limbeck.lint import (
    Finding,
    apply_comments,
    baseline_text,
    fingerprint,
    read_baseline,
    without_codes,
)

DROP = Finding(
    "LM302", "error", "Values are lost.", "x.py", 3, "a1", "ALTER TABLE t DROP COLUMN c",
    dangers=("loses", "breaks"),
)  # fmt: skip


def _source(comment: str) -> str:
    return f"def upgrade():\n    # a line\n    op.drop_column('t', 'c')  {comment}\n"


def test_a_comment_accepts_the_dangers_of_its_rules() -> None:
    done = apply_comments([DROP], "x.py", "a1", _source("# limbeck: ignore[LM302] moved"))
    assert [one.dangers for one in done.findings] == [("breaks",)]
    assert done.findings[0].code == "LM502"
    assert done.ignored == (DROP,)


def test_a_comment_with_all_rules_accepts_the_finding() -> None:
    source = _source("# limbeck: ignore[LM302, drop-used-object] moved")
    assert apply_comments([DROP], "x.py", "a1", source).findings == ()


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("# limbeck: ignore[LM302, LM502, LM101] moved", "LM901"),
        ("# limbeck: ignore[LM302, LM502, LM999] moved", "LM901"),
        ("# limbeck: ignore[LM302, LM502]", "LM902"),
    ],
)
def test_a_comment_without_effect_or_reason_is_a_finding(comment: str, code: str) -> None:
    done = apply_comments([DROP], "x.py", "a1", _source(comment))
    assert [one.code for one in done.findings] == [code]
    assert done.findings[0].line == 3


def test_a_comment_above_a_statement_and_one_for_the_file() -> None:
    above = (
        "def upgrade():\n    # limbeck: ignore[LM302, LM502] moved\n    op.drop_column('t', 'c')\n"
    )
    assert apply_comments([DROP], "x.py", "a1", above).findings == ()
    whole = "# limbeck: ignore-file[LM302, LM502] moved\n\nop.drop_column('t', 'c')\n"
    assert apply_comments([DROP], "x.py", "a1", whole).findings == ()


def test_a_comment_in_a_string_is_ignored() -> None:
    source = "x = '''\n# limbeck: ignore[LM302] no\n'''\n"
    assert apply_comments([DROP], "x.py", "a1", source).findings == (DROP,)


def test_a_notice_is_accepted_by_its_code() -> None:
    notice = Finding("LM116", "notice", "A lock is taken briefly.")
    assert without_codes(notice, ["brief-lock"]) is None
    assert without_codes(notice, ["LM302"]) is notice


def test_a_baseline_file_names_findings_without_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(baseline_text([DROP]), "utf-8")
    assert read_baseline(path) == {fingerprint(DROP)}
    assert json.loads(path.read_text("utf-8"))["findings"][0]["code"] == "LM302"


def test_an_invalid_baseline_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text("[]", "utf-8")
    with pytest.raises(InvalidValueError, match="cannot be read"):
        read_baseline(path)
