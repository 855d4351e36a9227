"""SQLAlchemy imported without rarely used modules, each test in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy

WITH_LAZY_IMPORTS = (
    "import sys\nfrom limbeck.startup.lazy_imports import install_lazy_imports\n"
    "install_lazy_imports()\nimport sqlalchemy\nimport sqlalchemy.dialects.sqlite\n"
)
# SQLAlchemy 2.0 wants a class of asyncio's that Python has had since 3.11
IS_IMPORTED_AT_ONCE = sqlalchemy.__version__.startswith("2.0") and sys.version_info >= (3, 11)


def _run(code: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITH_LAZY_IMPORTS + code],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_rarely_used_modules_are_not_loaded() -> None:
    loaded = set(_run("print(*sys.modules)").split())
    unwanted = {"importlib.metadata", "email", "hashlib", "_hashlib", "random"}
    if not IS_IMPORTED_AT_ONCE:
        unwanted |= {"asyncio", "ssl"}
    assert not unwanted & loaded
    assert "sqlalchemy.connectors.asyncio" in loaded


@pytest.mark.parametrize(
    "code",
    [
        "import asyncio, importlib.metadata, hashlib",
        "from asyncio.events import get_running_loop\nimport asyncio, importlib.metadata, hashlib",
    ],
    ids=["plainly", "from below"],
)
def test_imports_by_other_code_give_the_real_modules(code: str) -> None:
    output = _run(
        f"{code}\nimport asyncio, importlib\nfrom types import ModuleType\n"
        "for one in (asyncio, importlib.metadata, hashlib):\n"
        "    assert type(one) is ModuleType and sys.modules[one.__name__] is one, one\n"
        "    assert one.__spec__ is not None\n"
        "assert asyncio.events is sys.modules['asyncio.events']\n"
        "assert asyncio.get_running_loop is asyncio.events.get_running_loop\n"
        "print('right')"
    )
    assert output == "right"


def test_attributes_of_a_package_are_forwarded_to_the_real_module() -> None:
    assert _run("from importlib import metadata\nprint(metadata.version('sqlalchemy'))")


def test_a_module_is_imported_when_sqlalchemy_uses_it() -> None:
    output = _run(
        "from sqlalchemy.util import compat, concurrency, queue\n"
        "mine = queue.asyncio\n"
        "assert concurrency.is_exit_exception(KeyboardInterrupt())\n"
        "assert compat.md5_not_for_security().hexdigest()\n"
        "assert not list(compat.importlib_metadata_get('no.such.group'))\n"
        "import asyncio\n"
        "assert mine.Queue is asyncio.Queue\n"
        "mine.added = 1\nassert asyncio.added == 1\n"
        "async def work(): pass\n"
        "ask = getattr(concurrency, 'iscoroutine', mine.iscoroutine)\n"
        "one = work()\nassert ask(one)\none.close()\nassert not ask(1)\n"
        "print('right')"
    )
    assert output == "right"


def test_asynchronous_engines_work(tmp_path: Path) -> None:
    pytest.importorskip("aiosqlite")
    output = _run(
        "from sqlalchemy.ext.asyncio import create_async_engine\n"
        "async def work():\n"
        "    engine = create_async_engine('sqlite+aiosqlite:///there.sqlite')\n"
        "    async with engine.connect() as connection:\n"
        "        print((await connection.exec_driver_sql('SELECT 7')).scalar())\n"
        "    await engine.dispose()\n"
        "import asyncio\nasyncio.run(work())",
        tmp_path,
    )
    assert output == "7"


def test_a_password_is_encrypted_by_the_real_library() -> None:
    pytest.importorskip("pymysql")
    pytest.importorskip("cryptography")
    output = _run(
        "import pymysql\n"
        "assert not any(name.startswith('cryptography') for name in sys.modules)\n"
        "from pymysql import _auth\nassert _auth._have_cryptography\n"
        "from cryptography.hazmat.primitives import serialization\n"
        "from cryptography.hazmat.primitives.asymmetric import rsa\n"
        "key = rsa.generate_private_key(public_exponent=65537, key_size=2048)\n"
        "kind = serialization.PublicFormat.SubjectPublicKeyInfo\n"
        "public = key.public_key().public_bytes(serialization.Encoding.PEM, kind)\n"
        "print(len(_auth.sha2_rsa_encrypt(b'secret', b'x' * 20, public)))"
    )
    assert output == "256"


def test_an_encrypted_password_needs_an_installed_library(tmp_path: Path) -> None:
    pytest.importorskip("pymysql")
    output = _run(
        "from importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        "def without(name, *rest):\n"
        "    return None if name.startswith('cryptography') else find(name, *rest)\n"
        "PathFinder.find_spec = without\n"
        "import pymysql\nfrom pymysql import _auth\nprint(_auth._have_cryptography)",
        tmp_path,
    )
    assert output == "False"


def test_a_missing_dialect_raises_the_error_of_sqlalchemy() -> None:
    output = _run(
        "try:\n    sqlalchemy.create_engine('nope://')\n"
        "except sqlalchemy.exc.NoSuchModuleError as error:\n    print(error)"
    )
    assert "sqlalchemy.dialects:nope" in output


def test_an_already_imported_sqlalchemy_is_not_changed() -> None:
    code = (
        "import sys, sqlalchemy\nbefore = list(sys.meta_path)\n"
        "from limbeck.startup.lazy_imports import install_lazy_imports\ninstall_lazy_imports()\n"
        "print(before == sys.meta_path)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


@pytest.mark.parametrize("module", ["limbeck", "alembic"])
def test_the_command_uses_lazy_imports(tmp_path: Path, module: str) -> None:
    (tmp_path / "alembic.ini").write_text(
        "[alembic]\nscript_location = migs\npath_separator = os\n"
    )
    (tmp_path / "migs" / "versions").mkdir(parents=True)
    (tmp_path / "migs" / "env.py").write_text(
        "import sys\nimport sqlalchemy as sa\nfrom alembic import context\n"
        "engine = sa.create_engine('sqlite:///there.sqlite', poolclass=sa.NullPool)\n"
        "with engine.connect() as connection:\n"
        "    context.configure(connection=connection)\n    context.run_migrations()\n"
        "print(sorted({'email', '_hashlib', 'json', 'random', 'bz2'} & set(sys.modules)))\n"
    )
    code = (
        f"import sys\nsys.argv = [{module!r}, 'current']\n"
        + {
            "limbeck": "from limbeck.cli import main",
            "alembic": "from limbeck.compat.config import main",
        }[module]
        + "\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
