"""`import alembic` is limbeck: one object under both names, and clear errors for missing names."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from limbeck.compat.import_hook import AliasRefused, MissingName, guard, install


def run(code: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter of its own, with folders in front of the path."""
    start = "".join(f"import sys; sys.path.insert(0, {str(path)!r})\n" for path in paths)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", start + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
    )


def fine(code: str, *paths: Path) -> str:
    done = run(code, *paths)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_names_give_one_module() -> None:
    fine(
        """
        import sys
        import limbeck.compat
        limbeck.compat.install()
        import alembic.util.exc
        import limbeck.compat.util.exc
        assert sys.modules["alembic"] is sys.modules["limbeck.compat"]
        assert alembic.util.exc is limbeck.compat.util.exc
        assert alembic.util is limbeck.compat.util
        assert alembic.util.exc.__spec__.name == "limbeck.compat.util.exc"
        assert alembic.__spec__.name == "limbeck.compat"
        """
    )


def test_the_version_is_that_of_the_alembic_it_matches() -> None:
    out = fine(
        "import limbeck.compat as c; c.install(); import alembic; print(alembic.__version__)"
    )
    assert out.strip() == "1.20.1"


def test_the_alias_replaces_an_installed_package(tmp_path: Path) -> None:
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "__init__.py").write_text("raise SystemExit('the wrong one')")
    fine("import limbeck.compat as c; c.install(); import alembic; assert alembic is c", tmp_path)


def test_the_alias_is_refused_if_another_alembic_is_imported(tmp_path: Path) -> None:
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "__init__.py").write_text("")
    out = fine(
        """
        import alembic, limbeck.compat
        try:
            limbeck.compat.install()
        except limbeck.LimbeckError as error:
            print(error, error.hint)
        """,
        tmp_path,
    )
    assert "already imported from" in out
    assert str(tmp_path) in out
    assert "limbeck.compat.install()" in out


def test_a_module_named_alembic_can_install_the_alias(tmp_path: Path) -> None:
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "__init__.py").write_text(
        "import sys\nfrom limbeck.compat import install\ninstall(instead_of=sys.modules[__name__])\n"
    )
    out = fine("import alembic; from alembic.util import exc; print(alembic, exc)", tmp_path)
    assert out.count("limbeck") >= 2


def test_installing_twice_changes_nothing() -> None:
    out = fine(
        """
        import sys, limbeck.compat
        limbeck.compat.install(); limbeck.compat.install()
        print(sum(type(one).__name__ == "AliasFinder" for one in sys.meta_path))
        """
    )
    assert out.strip() == "1"


def test_the_help_names_a_registered_command() -> None:
    out = fine(
        """
        import limbeck.compat
        limbeck.compat.install()
        from alembic.config import CommandLine

        def prune(config, revision):
            "Prunes what is old."
            print("pruned", revision)

        line = CommandLine("own")
        line.register_command(prune)
        print(line.parser.format_help())
        line.main(["prune", "a1"])
        """
    )
    assert "Prunes what is old." in out
    assert "pruned a1" in out


def test_reload_works_under_the_alias() -> None:
    fine(
        """
        import importlib, limbeck.compat
        limbeck.compat.install()
        import alembic.util.exc as exc
        assert importlib.reload(exc) is exc
        """
    )


def test_a_missing_module_is_an_import_error_that_can_be_caught() -> None:
    out = fine(
        """
        import importlib.util, limbeck.compat
        limbeck.compat.install()
        import alembic
        assert importlib.util.find_spec("alembic.nothing") is None
        try:
            import alembic.nothing
        except ImportError as error:
            print(error.name)
        """
    )
    assert out.strip() == "alembic.nothing"


def test_an_error_about_a_missing_name_links_the_page_that_explains_it() -> None:
    module = type(sys)("limbeck.compat.example")
    guard(module)
    with pytest.raises(MissingName) as caught:
        _ = module.nothing  # type: ignore[attr-defined]
    assert "alembic.example.nothing" in str(caught.value)
    assert "Coming from Alembic" in (caught.value.hint or "")
    assert not hasattr(module, "nothing")


def test_the_alias_can_be_installed_in_this_process() -> None:
    if "alembic" in sys.modules and "limbeck" not in str(sys.modules["alembic"]):
        with pytest.raises(AliasRefused):
            install()
    else:
        install()
        import alembic

        assert alembic.__version__ == "1.20.1"


def test_test_suites_of_other_packages_can_undo_their_registrations() -> None:
    """They filter the registries by class and qualifier, and put the rest back."""
    from alembic.autogenerate.compare import comparators
    from alembic.autogenerate.render import renderers
    from alembic.operations import MigrateOperation, Operations

    class TakenBack(MigrateOperation):
        pass

    Operations.implementation_for(TakenBack)(lambda *_: None)
    renderers.dispatch_for(TakenBack)(lambda *_: "taken_back()")
    for holder in (renderers, Operations._to_impl):
        assert (TakenBack, "default") in holder._registry
        rest = {
            (kind, word): v for (kind, word), v in holder._registry.items() if kind is not TakenBack
        }
        holder._registry = rest
    assert comparators._registry["schema", "default"] == []
    with pytest.raises(ValueError, match="no dispatch function"):
        renderers.dispatch(TakenBack)
    Operations.implementation_for(TakenBack)(lambda *_: None)
    del Operations._to_impl._registry[TakenBack, "default"]


def test_a_migration_of_the_command_finds_an_implementation(tmp_path: Path) -> None:
    """Nothing in the project imports `alembic.ddl`, so that the command itself has to offer it."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    (versions.parent / "env.py").write_text(
        "from alembic import context\nimport sqlalchemy as sa\n"
        "engine = sa.create_engine('sqlite://')\n"
        "with engine.connect() as connection:\n"
        "    context.configure(connection=connection)\n"
        "    with context.begin_transaction():\n"
        "        context.run_migrations()\n"
        "engine.dispose()\n"
    )
    (versions / "a.py").write_text(
        "from alembic import op\nrevision, down_revision = 'a', None\n"
        "def upgrade():\n"
        "    for impl in (op.get_context().impl, op.impl):\n"
        "        print(type(impl).__name__, impl.__dialect__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "limbeck", "upgrade", "head"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "SQLiteImpl sqlite\n" * 2), done.stderr
