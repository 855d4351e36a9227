"""Revision files: found, cached, written, loaded."""

from __future__ import annotations

import ast
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from limbeck.errors import (
    BrokenFileError,
    BrokenTemplateError,
    HistoryError,
    HookFailedError,
    MissingFileError,
    ProjectError,
    UnsafePathError,
)
from limbeck.history import DuplicateRevisionError
from limbeck.project import (
    Project,
    find_config,
    place,
    register_hook,
    templates,
    write,
    write_environment,
)

Write = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    write_environment(find_config(environ={}), "mig", import_name="limbeck")
    return Project.from_config(find_config(environ={}))


def revision(
    project: Project, id_: str, down: str | None = None, *, name: str = "", more: str = ""
) -> Path:
    path = project.version_locations[0] / (name or f"{id_}.py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"revision = {id_!r}\ndown_revision = {down!r}\n{more}\n"
        "def upgrade(): return 'up'\ndef downgrade(): return 'down'\n"
    )
    return path


def test_which_files_count(project: Project) -> None:
    revision(project, "b1")
    revision(project, "a1", name=".hidden.py")
    for name in (".#lock.py", "__init__.py", "notes.txt", "__init__x.py"):
        revision(project, "no", name=name)
    revision(project, "s1", name="sub/s.py")
    assert set(project.history().ids) == {"a1", "b1"}
    deep = Project(project.location, recursive=True)
    assert list(deep.history().ids) == ["a1", "b1", "s1"]


def test_bytecode_files_are_revisions_in_sourceless_projects(project: Project) -> None:
    import py_compile

    path = revision(project, "c1")
    py_compile.compile(str(path), cfile=str(path.with_suffix(".pyc")))
    path.unlink()
    assert not project.history().ids
    compiled = Project(project.location, sourceless=True)
    assert list(compiled.history().ids) == ["c1"]
    assert compiled.program("c1").upgrade() == "up"


def test_a_revision_in_two_files_is_reported(project: Project) -> None:
    revision(project, "a1")
    revision(project, "a1", name="other.py")
    with pytest.raises(DuplicateRevisionError, match="a1 is present more than once"):
        project.history()
    from_alembic = Project(project.location, detect_option="alembic")
    with pytest.warns(UserWarning, match="a1 is present more than once"):
        assert list(from_alembic.history().ids) == ["a1"]


def test_every_edit_is_found_despite_the_cache(project: Project) -> None:
    path = revision(project, "a1", more="note = 'aaaa'")
    for id_ in ("b1", "c1", "d1"):
        before = path.stat()
        revision(project, id_, name="a1.py", more="note = 'aaaa'")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        project.refresh()
        assert list(project.history().ids) == [id_]


def test_a_computed_header_is_run(project: Project) -> None:
    revision(project, "a1", more="revision = 'x'.join(['b', 'c'])")
    assert list(project.history().ids) == ["bxc"]


def test_listing_runs_nothing(project: Project) -> None:
    revision(project, "a1", more="raise SystemExit('run')")
    assert list(project.history().ids) == ["a1"]


def test_a_missing_version_location_is_reported(project: Project, tmp_path: Path) -> None:
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = mig\npath_separator = os\nversion_locations = nope\n"
    )
    with pytest.raises(MissingFileError, match="nope does not exist"):
        Project.from_config(find_config(environ={})).history()


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("def upgrade(:\n", r"a1\.py:4: invalid syntax"),
        ("import no_such_module\n", "no_such_module"),
        ("1 / 0\n", r"a1\.py:3: ZeroDivisionError"),
    ],
)
def test_errors_of_revision_files_are_reported_with_their_line(
    project: Project, text: str, match: str
) -> None:
    path = revision(project, "a1")
    header = "revision = 'a1'\ndown_revision = None\n"
    path.write_text(header + ("\n" + text if "syntax" in match else text))
    with pytest.raises(BrokenFileError, match=match):
        project.program("a1")


def test_missing_functions_are_reported(project: Project) -> None:
    path = revision(project, "a1")
    path.write_text("revision = 'a1'\ndown_revision = None\n")
    with pytest.raises(BrokenFileError, match=r"a1 has no function downgrade\(\)"):
        _ = project.program("a1").downgrade


def test_a_changed_revision_file_is_loaded_again(project: Project) -> None:
    path = revision(project, "a1")
    text = path.read_text()
    assert project.program("a1").upgrade() == "up"
    path.write_text(text.replace("'up'", "'UP'"))
    assert project.program("a1").upgrade() == "UP"


HOSTILE = [
    'x"""\nimport os\nos.abort()\n"""',
    "back\\slash\\",
    'ends with quote"',
    "'''",
    "${1 + 1} <% raise %> ## %",
    "line\nbreak\r\n\ttab",
    "\x1b[31mred\x00",
    "it's",
    "\\N{BULLET} \\x41 \\u0041",
    "é漢字\u2028",
]


@pytest.mark.parametrize("message", HOSTILE)
@pytest.mark.parametrize("quote", ['"""', "'''", '"', "r'''"])
def test_a_message_never_becomes_code(project: Project, message: str, quote: str) -> None:
    template = project.template_path.read_text()
    closed = quote.lstrip("r")
    template = template.replace('"""${message}', f"{quote}${{message}}{closed}\n'''", 1)
    template = template.replace('\n"""\n', "\n'''\n", 1)
    template += "\n# message: ${message}\nnote = ${repr(message)}\n"
    project.template_path.write_text(template)
    made = write(project, place(project, message))
    assert made.path is not None
    program = project.program(made)
    # read from the text: Python 3.13 takes indentation and tabs out of a module's own docstring
    assert ast.get_docstring(ast.parse(made.path.read_bytes()), clean=False) == message
    assert program.module.note == message
    assert project.history().heads == {made.id}


def test_new_files_follow_the_head(project: Project) -> None:
    first = write(project, place(project, "one", revision_id="r1"))
    second = write(project, place(project, "two", revision_id="r2", labels=["lab"]))
    assert (first.down, second.down) == ((), ("r1",))
    with pytest.raises(HistoryError, match="not a head revision; please specify --splice"):
        place(project, head="r1")
    write(project, place(project, "three", revision_id="r3", head="r1", splice=True))
    with pytest.raises(HistoryError, match="Multiple head"):
        place(project)
    merged = write(project, place(project, "m", head="heads", depends_on="lab"))
    assert set(merged.down) == {"r2", "r3"}
    assert merged.depends_on == ("lab",)


@pytest.mark.parametrize("id_", ["head", "base", "a-b", "a@b", "../x", "a/b", "a\nb", '"', ""])
def test_invalid_identifiers_are_refused(project: Project, id_: str) -> None:
    with pytest.raises(HistoryError):
        place(project, revision_id=id_)


def test_nothing_leaves_the_folder_or_is_overwritten(project: Project, tmp_path: Path) -> None:
    with pytest.raises(UnsafePathError, match="outside"):
        place(project, file_template="../%(rev)s")
    with pytest.raises(UnsafePathError, match="not represented"):
        place(project, version_path=tmp_path)
    same = place(project, "x", file_template="fixed")
    write(project, same)
    with pytest.raises(UnsafePathError, match="already exists"):
        write(project, place(project, "x", file_template="fixed"))
    assert not list(tmp_path.rglob("*.tmp"))


def test_files_follow_the_umask(project: Project) -> None:
    before = os.umask(0o027)
    try:
        made = write(project, place(project, "x"))
    finally:
        os.umask(before)
    assert made.path is not None
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o640


@pytest.mark.parametrize("template", ["%(nope)s", "%(rev", "%(rev)d"])
def test_invalid_file_templates_are_reported(project: Project, template: str) -> None:
    with pytest.raises(ProjectError, match="file_template"):
        place(project, file_template=template)


def test_time_zones(project: Project) -> None:
    zoned = place(Project(project.location, timezone="utc"))
    assert zoned.created.utcoffset() is not None
    with pytest.raises(ProjectError, match="Can't locate timezone: Nowhere"):
        place(Project(project.location, timezone="Nowhere"))


@pytest.mark.parametrize(
    ("text", "match"),
    [("${", "script.py.mako"), ("${nope.x}", "mako"), ("def (", "not be valid Python")],
)
def test_errors_of_templates_are_reported(project: Project, text: str, match: str) -> None:
    project.template_path.write_text(text)
    with pytest.raises(BrokenTemplateError, match=match):
        write(project, place(project, "x"))
    assert not list(project.version_locations[0].glob("*.py"))


def test_hooks_run_over_the_new_file(project: Project) -> None:
    @register_hook("test_shout")
    def shout(path: str, options: dict[str, str]) -> None:
        Path(path).write_text(Path(path).read_text() + f"note = {options['word']!r}\n")

    hooks = (
        {"_hook_name": "a", "type": "test_shout", "word": "hi"},
        {
            "_hook_name": "b",
            "type": "exec",
            "executable": sys.executable,
            "options": "-c \"import sys; open(sys.argv[1], 'a').write('more = 1')\" REVISION_SCRIPT_FILENAME",
        },
    )
    made = write(Project(project.location, hooks=hooks), place(project, "x"))
    assert project.program(made).module.note == "hi"
    assert project.program(made).module.more == 1


@pytest.mark.parametrize(
    ("hook", "match"),
    [
        ({}, r"'h\.type'"),
        ({"type": "nope"}, "no type 'nope' of post write hook"),
        ({"type": "exec"}, r"h\.executable is required"),
        ({"type": "exec", "executable": "/no/such"}, "cannot run /no/such"),
        ({"type": "console_scripts", "entrypoint": "no_such"}, "console_scripts.no_such"),
        ({"type": "module", "module": "no_such"}, "Could not find module no_such"),
    ],
)
def test_invalid_hooks_are_reported(project: Project, hook: dict[str, str], match: str) -> None:
    with pytest.raises(HookFailedError, match=match):
        write(Project(project.location, hooks=({"_hook_name": "h", **hook},)), place(project, "x"))


@pytest.mark.parametrize("name", [one.name for one in templates(find_config(environ={}))])
@pytest.mark.parametrize("package", ["alembic", "limbeck"])
def test_each_template_makes_a_project(
    name: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = find_config(environ={})
    written = write_environment(config, "mig", template=name, package=True, import_name=package)
    assert all(path.is_file() for path in written.files)
    project = Project.from_config(find_config(environ={}))
    assert project.has_env is not name.startswith("declared")
    assert project.declared is name.startswith("declared")
    if project.has_env:
        compile(project.env_path.read_text(), "env.py", "exec")
        assert f"from {package} import context" in project.env_path.read_text()
    made = write(project, place(project, "first"))
    assert project.history().heads == {made.id}
    with pytest.raises(UnsafePathError, match="not empty"):
        write_environment(config, "mig", template=name)


def test_existing_files_are_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("alembic.ini").write_text("# mine\n[alembic]\n")
    Path("pyproject.toml").write_text('[project]\nname = "x"\n')
    written = write_environment(find_config(environ={}), "mig", template="pyproject")
    assert [str(path) for path in written.kept] == ["alembic.ini"]
    assert Path("alembic.ini").read_text() == "# mine\n[alembic]\n"
    assert Path("pyproject.toml").read_text().startswith('[project]\nname = "x"\n\n[tool.alembic]')
    with pytest.raises(MissingFileError, match="No such template 'nope'"):
        write_environment(find_config(environ={}), "other", template="nope")
