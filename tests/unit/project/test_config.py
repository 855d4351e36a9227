"""Settings as the files give them."""

from __future__ import annotations

import io
from argparse import Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest

from limbeck.errors import (
    InvalidConfigurationError,
    InvalidValueError,
    NoConfigurationError,
    ProjectError,
)
from limbeck.project import (
    Config,
    Project,
    find_config,
    unset_variables,
)
from limbeck.project.ini_variables import fill_in_urls


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ALEMBIC_CONFIG", raising=False)
    return tmp_path


def ini(text: str, name: str = "alembic.ini") -> Config:
    Path(name).write_text(text)
    return Config(name)


def test_values_variables_and_defaults(folder: Path) -> None:
    config = ini("[alembic]\nscript_location = %(here)s/mig\nfoo = a%%b\n[other]\nz = 1\n")
    assert config.get_main_option("script_location") == f"{folder.as_posix()}/mig"
    assert config.get_main_option("foo") == "a%b"
    assert config.get_main_option("none", "default") == "default"
    assert config.get_section("other") == {"here": folder.as_posix(), "z": "1"}
    assert config.get_section("nope", {"a": "b"}) == {"a": "b"}
    config.set_main_option("x", "50%%")
    assert config.get_main_option("x") == "50%"
    config.remove_main_option("x")
    assert config.get_main_option("x") is None
    with pytest.raises(NoConfigurationError, match=r"'\[zzz\]' section"):
        config.get_section_option("zzz", "a")


def test_an_error_about_an_unset_variable_does_not_show_the_value() -> None:
    config = ini("[alembic]\nsqlalchemy.url = %(nope)s-sw0rd\n")
    with pytest.raises(InvalidValueError, match=r"sqlalchemy\.url") as caught:
        config.get_main_option("sqlalchemy.url")
    assert "sw0rd" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("sqlite://u:p%40ss@h/%(here)s", "sqlite://u:p%40ss@h/{here}"),
        ("sqlite://u:p%%40ss@h/d", "sqlite://u:p%40ss@h/d"),
        ("pa%ssw0rd", "pa%ssw0rd"),
        ("sw0rd%", "sw0rd%"),
    ],
)
def test_a_percent_sign_is_taken_as_it_is(value: str, meant: str, folder: Path) -> None:
    config = ini(f"[alembic]\nsqlalchemy.url = {value}\nother = %(sqlalchemy.url)s\n")
    meant = meant.replace("{here}", folder.as_posix())
    assert config.get_main_option("sqlalchemy.url") == meant
    assert config.get_main_option("other") == meant
    section = config.get_section("alembic")
    assert section is not None
    assert section["sqlalchemy.url"] == meant
    config.set_main_option("sqlalchemy.url", value)
    assert config.get_main_option("sqlalchemy.url") == meant
    Path("pyproject.toml").write_text(f'[tool.limbeck]\nurl = "{value}"\n')
    assert Config(toml_file="pyproject.toml").get_alembic_option("url") == meant


def test_an_error_about_an_invalid_file_names_its_line() -> None:
    with pytest.raises(InvalidConfigurationError, match=r"alembic\.ini:1") as caught:
        ini("password = sw0rd\n").get_main_option("a")
    assert "sw0rd" not in str(caught.value)
    Path("pyproject.toml").write_text("[tool.alembic\n")
    with pytest.raises(InvalidConfigurationError, match="line 1"):
        Config(toml_file="pyproject.toml").get_alembic_option("x")


@pytest.mark.parametrize(
    ("separator", "text", "parts"),
    [
        ("os", "a:b c", ["a", "b c"]),
        ("space", "a  b", ["a", "b"]),
        ("newline", "\n  a\n  b", ["a", "b"]),
        (";", "a;b:c", ["a", "b:c"]),
    ],
)
def test_paths_are_split_by_the_configured_separator(
    separator: str, text: str, parts: list[str]
) -> None:
    config = ini(
        f"[alembic]\npath_separator = {separator}\nversion_locations = {text}\n"
        f"prepend_sys_path = {text}\n"
    )
    assert config.get_version_locations_list() == parts
    assert config.get_prepend_sys_paths_list() == parts


def test_paths_without_a_separator_are_split_the_old_way() -> None:
    config = ini("[alembic]\nversion_locations = a b,c\nprepend_sys_path = a:b c\n")
    with pytest.warns(DeprecationWarning, match="No path_separator"):
        assert config.get_version_locations_list() == ["a", "b", "c"]
    with pytest.warns(DeprecationWarning, match="No path_separator"):
        assert config.get_prepend_sys_paths_list() == ["a", "b", "c"]
    with pytest.raises(ValueError, match="'x' is not a valid value for path_separator"):
        ini("[alembic]\npath_separator=x\nversion_locations=a").get_version_locations_list()


def test_ini_before_toml_and_limbeck_before_alembic(folder: Path) -> None:
    Path("pyproject.toml").write_text(
        '[tool.alembic]\nscript_location = "%(here)s/one"\nfile_template = "%%(rev)s"\n'
        'sourceless = true\n[tool.limbeck]\ntimezone = "UTC"\nscript_location = "%(here)s/two"\n'
        '[[tool.alembic.post_write_hooks]]\nname = "x"\ntype = "exec"\nexecutable = "%(here)s/x"\n'
    )
    config = find_config(environ={})
    assert config.get_alembic_option("script_location") == f"{folder.as_posix()}/two"
    assert config.get_alembic_option("file_template") == "%(rev)s"
    assert config.get_alembic_boolean_option("sourceless") is True
    assert config.get_hooks_list() == [
        {"type": "exec", "executable": f"{folder.as_posix()}/x", "_hook_name": "x"}
    ]


def test_ini_values_win() -> None:
    Path("pyproject.toml").write_text('[tool.alembic]\na = "toml"\nb = "toml"\n')
    Path("alembic.ini").write_text("[alembic]\na = ini\n")
    config = find_config(environ={})
    assert (config.get_alembic_option("a"), config.get_alembic_option("b")) == ("ini", "toml")


def test_where_the_configuration_is_found() -> None:
    assert find_config(environ={}).config_file_name == "alembic.ini"
    assert find_config(environ={"ALEMBIC_CONFIG": "x.ini"}).config_file_name == "x.ini"
    both = {"ALEMBIC_CONFIG": "x.ini", "LIMBECK_CONFIG": "sub/pyproject.toml"}
    assert find_config(environ=both).toml_file_name == "sub/pyproject.toml"
    assert find_config(environ=both).config_file_name is None
    Path("limbeck.ini").write_text("[limbeck]\nscript_location = mig\n")
    own = find_config(name="limbeck", environ={})
    assert own.get_main_option("script_location") == "mig"
    with pytest.raises(ProjectError):
        find_config(["a.ini", "b.ini"], environ={})


def test_printing() -> None:
    out = io.StringIO()
    Config(stdout=out).print_stdout("%s!", "hi")
    Config(stdout=out, cmd_opts=SimpleNamespace(quiet=True)).print_stdout("not this")
    assert out.getvalue() == "hi!\n"


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "No 'script_location' key"),
        ("[alembic]\n", "No 'script_location' key"),
        ("[alembic]\nscript_location = nope\n", "Path doesn't exist: nope"),
        ("[alembic]\nscript_location = .\ntruncate_slug_length = x\n", "truncate_slug_length"),
        (
            "[alembic]\nscript_location = .\nrevision_environment = maybe\n",
            "neither true nor false",
        ),
        ("[alembic]\nscript_location = .\ndetect = some\n", "detect"),
        ("[alembic]\nscript_location = no_such_package:x\n", "No package 'no_such_package'"),
    ],
)
def test_invalid_settings_are_reported(text: str, match: str) -> None:
    with pytest.raises(ProjectError, match=match):
        Project.from_config(ini(text))


@pytest.mark.parametrize(
    ("env", "option", "detect"),
    [
        ("from alembic import context\n", "", "alembic"),
        ("from limbeck import context\n", "", "all"),
        ("from alembic import context\n", "detect = all\n", "all"),
        (None, "", "all"),
    ],
)
def test_what_autogenerate_detects(env: str | None, option: str, detect: str) -> None:
    if env is not None:
        Path("env.py").write_text(env)
    assert Project.from_config(ini(f"[alembic]\nscript_location = .\n{option}")).detect == detect


@pytest.mark.parametrize("verbose", [True, False])
def test_a_verbose_command_logs_what_is_read(
    verbose: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "x.ini"
    path.write_text("[alembic]\nscript_location = here\n")
    with caplog.at_level("INFO", logger="alembic.config"):
        for config in (Config(str(path)), Config()):
            config.cmd_opts = Namespace(verbose=verbose)
            config.get_main_option("script_location")
    expected = [f"Loading config from file: {path}", "No config file provided"]
    assert caplog.messages == (expected if verbose else [])


def test_variables_of_urls_come_from_the_environment_and_from_dotenv(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("USER_NAME", "o%40b")
    (folder / ".env").write_text("PW=s%cret\nUSER_NAME=other\n")
    config = ini(
        "[alembic]\nsqlalchemy.url = postgresql://${USER_NAME}:${PW}@h%40x/%(db)s\ndb = app\n"
        "other = ${PW}\n[second]\nsqlalchemy.url = sqlite:///${NOWHERE}.db\n"
        "[third]\nsqlalchemy.url = sqlite:///${PW}.db\n"
    )
    config.set_section_option("third", "sqlalchemy.url", "sqlite:///own ${PW}.db")
    fill_in_urls(config)
    assert config.get_main_option("sqlalchemy.url") == "postgresql://o%40b:s%cret@h%40x/app"
    assert config.get_main_option("other") == "${PW}"
    assert config.get_section_option("second", "sqlalchemy.url") == "sqlite:///${NOWHERE}.db"
    assert config.get_section_option("third", "sqlalchemy.url") == "sqlite:///own ${PW}.db"
    assert unset_variables(config) == ["NOWHERE", "PW"]
    fill_in_urls(config)
    assert config.get_main_option("sqlalchemy.url") == "postgresql://o%40b:s%cret@h%40x/app"
