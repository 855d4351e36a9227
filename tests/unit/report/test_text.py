"""The exact formats of listings."""

from __future__ import annotations

import json
from pathlib import Path

from limbeck.commands import Branch, entry, listing
from limbeck.history import History, Revision
from limbeck.report import (
    PLAIN,
    branch_lines,
    branches_json,
    clean,
    graph_lines,
    heads_lines,
    history_lines,
    listing_json,
)
from limbeck.report.text import real_path

HISTORY = History(
    [
        Revision("a111", labels=frozenset({"la"}), doc="first"),
        Revision("b222", depends_on=("a111",), doc="second"),
        Revision("c333", down=("b222",), doc="third"),
        Revision("d444", down=("b222",), doc="fourth"),
        Revision("e555", down=("c333", "d444"), doc="fifth"),
    ]
)


def test_history_lines_show_down_revisions_dependencies_labels_and_markers() -> None:
    assert history_lines(listing(HISTORY, HISTORY)) == [
        "c333, d444 -> e555 (head) (mergepoint), fifth",
        "b222 -> c333, third",
        "b222 -> d444, fourth",
        "<base> (a111) -> b222 (branchpoint), second",
        "<base> -> a111 (la) (effective head), first",
    ]


def test_heads_that_are_not_effective_are_marked() -> None:
    found = listing(HISTORY, [HISTORY.get("a111"), HISTORY.get("e555")])
    assert heads_lines(found) == ["a111 (la) (effective head)", "e555 (head)"]


def test_the_current_revision_is_marked() -> None:
    found = listing(HISTORY, [HISTORY.get("c333")], frozenset({"c333"}))
    assert history_lines(found) == ["b222 -> c333 (current), third"]


def test_a_branch_lists_its_children_below_it() -> None:
    point = entry(HISTORY, HISTORY.get("b222"))
    children = tuple(entry(HISTORY, HISTORY.get(id_)) for id_ in ("c333", "d444"))
    assert branch_lines([Branch(point, children)]) == [
        "b222 (branchpoint)",
        "     -> c333",
        "     -> d444",
        "",
    ]
    assert (
        json.loads(branches_json([Branch(point, children)]))[0]["branches"][1]["revision"] == "d444"
    )


def test_a_revision_in_full() -> None:
    text = heads_lines(listing(HISTORY, [HISTORY.get("e555")]), is_verbose=True)[0]
    assert text.splitlines() == [
        "Rev: e555 (head) (mergepoint)",
        "Merges: c333, d444",
        "Path: None",
        "",
        "    fifth",
    ]


def test_the_graph_has_a_column_for_each_line() -> None:
    assert graph_lines(listing(HISTORY, HISTORY), PLAIN) == [
        "@  e555 (head) (mergepoint), fifth",
        "|-.",
        "* |  c333, third",
        "| *  d444, fourth",
        "|-'",
        "*  b222 (branchpoint), second",
        "@  a111 (la) (effective head), first",
    ]


def test_json_contains_everything_in_the_text() -> None:
    found = json.loads(listing_json(listing(HISTORY, HISTORY)))
    assert [one["revision"] for one in found] == ["e555", "c333", "d444", "b222", "a111"]
    assert found[3]["depends_on"] == ["a111"]
    assert found[0]["is_merge_point"]
    assert "is_current" not in found[0]


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert clean("a\x1b[31mb\nc") == "a\\x1b[31mb\nc"


def test_paths_of_many_files_follow_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_text("")
    (tmp_path / "seen").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "b.py").symlink_to(tmp_path / "elsewhere.py")
    folders: dict[str, str] = {}
    for name in ("a.py", "b.py", "a.py", "gone.py"):
        path = tmp_path / "seen" / name
        revision = Revision("a1", path=path)
        assert real_path(revision, folders) == real_path(revision) == str(path.resolve())
    assert folders == {str(tmp_path / "seen"): str((tmp_path / "real").resolve())}


def test_one_line_that_needs_cleaning_is_cleaned_in_the_history() -> None:
    graph = History([Revision("a1", doc="ok"), Revision("b1", down=("a1",), doc="x\x1b[2J")])
    assert history_lines(listing(graph, graph)) == [
        "a1 -> b1 (head), x\\x1b[2J",
        "<base> -> a1, ok",
    ]
