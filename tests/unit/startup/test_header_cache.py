"""The cache of headers: correct after every edit, and when several processes write it."""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
import time
from binascii import crc32
from collections.abc import Callable
from pathlib import Path

import pytest

from limbeck.history import Revision, source_hash
from limbeck.project import Project
from limbeck.project.paths import Found
from limbeck.startup import header_cache
from limbeck.startup.header_cache import NAME, read_file

READ = (
    "import sys\nfrom pathlib import Path\nfrom limbeck.project import Project\n"
    "for _ in range(30):\n"
    "    found = Project(Path(sys.argv[1]), version_locations=(Path(sys.argv[1]),)).history()\n"
    "    assert len(found) == 60, len(found)\n"
)


def _write(folder: Path, id_: str, doc: str = "doc") -> Path:
    path = folder / f"{id_}.py"
    path.write_text(f'"""{doc}"""\nrevision = "{id_}"\ndown_revision = None\n')
    return path


def _doc(folder: Path, id_: str) -> str:
    return Project(folder, version_locations=(folder,)).history().get(id_).doc


def test_several_processes_write_it(tmp_path: Path) -> None:
    for number in range(60):
        _write(tmp_path, f"r{number}")
    runs = [subprocess.Popen([sys.executable, "-c", READ, str(tmp_path)]) for _ in range(3)]
    for number in range(40):
        _write(tmp_path, f"r{number}", f"edit {number}")
        os.utime(tmp_path / f"r{number}.py", (1, 1))
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert _doc(tmp_path, "r39") == "edit 39"
    assert _cached_names(tmp_path) == sorted(f"r{number}.py" for number in range(60))
    assert not list((tmp_path / "__pycache__").glob("*.tmp"))


def test_an_edit_that_keeps_size_and_time_is_found(tmp_path: Path) -> None:
    path = _write(tmp_path, "a1", "one")
    os.utime(path, (1_000_000, 1_000_000))
    assert _doc(tmp_path, "a1") == "one"
    _write(tmp_path, "a1", "two")
    os.utime(path, (1_000_000, 1_000_000))
    assert _doc(tmp_path, "a1") == "two"


def _cache(folder: Path) -> Path:
    return folder / "__pycache__" / NAME


def _cached_names(folder: Path) -> list[str]:
    kept = header_cache.load(str(folder / "__pycache__"))
    assert kept is not None
    return [row[0] for row in kept]


def _settled(folder: Path, *ids: str) -> None:
    """Write files that are old enough for the cache to be sure of them."""
    for id_ in ids:
        _write(folder, id_)
    wait = 2 * header_cache._FINE_CLOCK / header_cache._SECOND
    time.sleep(wait)
    Project(folder, version_locations=(folder,)).history()


def test_the_hash_of_a_file_is_cached(tmp_path: Path) -> None:
    _settled(tmp_path, "a1", "b2")
    path = tmp_path / "b2.py"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    for _ in range(2):
        history = Project(tmp_path, version_locations=(tmp_path,)).history()
        for id_ in ("a1", "b2"):
            assert history.get(id_).content_hash == source_hash(
                (tmp_path / f"{id_}.py").read_bytes()
            )
    path.write_bytes(path.read_bytes() + b"x = 1\r\n")
    history = Project(tmp_path, version_locations=(tmp_path,)).history()
    assert history.get("b2").content_hash == source_hash(path.read_bytes())


def _must_not_read(file: Found) -> Revision:
    raise AssertionError(f"{file} was read")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: b"",
        lambda raw: b"{",
        lambda raw: b'{"format": "limbeck-headers-1"}',
        lambda raw: b"\xff\x00",
        lambda raw: raw[:-1],
        lambda raw: raw[: len(raw) // 2],
        lambda raw: raw.replace(b"a1", b"b1"),
        lambda raw: raw.replace(header_cache.FORMAT, b"limbeck-headers-0"),
        lambda raw: raw + raw,
        lambda raw: b"%s %08x\n[" % (header_cache.FORMAT, crc32(b"[")),
        lambda raw: b"%s x\nx" % header_cache.FORMAT,
        lambda raw: _content({"a1": "x"}),
        lambda raw: _content([["a1.py"]]),
        lambda raw: _content([("a1.py", "x")]),
    ],
    ids=[
        "empty", "short", "foreign", "bytes", "cut by one", "half", "one word changed",
        "another format", "twice", "cut rows", "no checksum",
        "no list", "a list as row", "a short row",
    ],
)  # fmt: skip
def test_an_invalid_cache_is_rewritten(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    _settled(tmp_path, "a1")
    good = _cache(tmp_path).read_bytes()
    _cache(tmp_path).write_bytes(spoil(good))
    assert _cache(tmp_path).read_bytes() != good
    assert _doc(tmp_path, "a1") == "doc"
    assert _cache(tmp_path).read_bytes() == good


def _content(rows: object) -> bytes:
    body = marshal.dumps(rows, 4)
    return b"%s %08x\n%s" % (header_cache.FORMAT, crc32(body), body)


def _write_wrong_header(folder: Path) -> None:
    """Change a row of the cache, and its checksum with it."""
    rows = header_cache.load(str(folder / "__pycache__"))
    assert rows is not None
    lied = [(*row[:6], "a lie", *row[7:]) for row in rows]
    _cache(folder).write_bytes(_content(lied))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
def test_a_cache_of_another_user_is_replaced(tmp_path: Path) -> None:
    _settled(tmp_path, "a1")
    _write_wrong_header(tmp_path)
    assert _doc(tmp_path, "a1") == "a lie"
    os.chown(_cache(tmp_path), 65534, 65534)
    assert _doc(tmp_path, "a1") == "doc"
    assert _cache(tmp_path).stat().st_uid == 0


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="a system without such links")
def test_a_link_in_place_of_the_cache_is_replaced(tmp_path: Path) -> None:
    """The file behind it belongs to the user, but somebody else has chosen it."""
    folder = tmp_path / "versions"
    folder.mkdir()
    _settled(folder, "a1")
    _write_wrong_header(folder)
    assert _doc(folder, "a1") == "a lie"
    elsewhere = _cache(folder).rename(tmp_path / "elsewhere")
    _cache(folder).symlink_to(elsewhere)
    assert _doc(folder, "a1") == "doc"
    assert not _cache(folder).is_symlink()
    assert b"a lie" in elsewhere.read_bytes()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without such files")
def test_a_fifo_or_a_folder_in_place_of_the_cache_is_not_read(tmp_path: Path) -> None:
    _settled(tmp_path, "a1")
    _cache(tmp_path).unlink()
    os.mkfifo(_cache(tmp_path))
    assert _doc(tmp_path, "a1") == "doc"
    assert _cache(tmp_path).is_file()
    _cache(tmp_path).unlink()
    _cache(tmp_path).mkdir()
    assert _doc(tmp_path, "a1") == "doc"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="a system without such rights")
def test_a_cache_that_others_can_write_is_replaced(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    _settled(tmp_path, "a1")
    _write_wrong_header(tmp_path)
    _cache(tmp_path).chmod(0o666)
    assert _doc(tmp_path, "a1") == "doc"
    assert _cache(tmp_path).stat().st_mode & 0o022 == 0
    # where everybody can write the revision files themselves there is nothing to protect
    _write_wrong_header(tmp_path)
    _cache(tmp_path).chmod(0o666)
    tmp_path.chmod(0o777)
    assert _doc(tmp_path, "a1") == "a lie"


def test_unchanged_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _settled(tmp_path, "a1", "b1")
    monkeypatch.setattr(header_cache, "read_file", _must_not_read)
    assert _doc(tmp_path, "b1") == "doc"


def test_one_edit_reads_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _settled(tmp_path, "a1", "b1", "c1")
    _write(tmp_path, "b1", "other")
    (tmp_path / "c1.py").unlink()
    seen = []

    def read(file: Found) -> object:
        seen.append(file[1])
        return read_file(file)

    monkeypatch.setattr(header_cache, "read_file", read)
    assert _doc(tmp_path, "b1") == "other"
    assert seen == ["b1.py"]
    assert _cached_names(tmp_path) == ["a1.py", "b1.py"]


@pytest.mark.parametrize("name", ["a1.py", "b1.py"])
def test_edits_within_the_resolution_of_the_clock_are_found(tmp_path: Path, name: str) -> None:
    _write(tmp_path, "a1")
    _write(tmp_path, "b1")
    for number in range(20):
        assert _doc(tmp_path, name[:2]) == ("doc" if not number else f"no {number - 1:02}")
        _write(tmp_path, name[:2], f"no {number:02}")


def test_times_in_the_future_are_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    _write(tmp_path, "a1")
    _doc(tmp_path, "a1")
    kept = header_cache.load(str(tmp_path / "__pycache__"))
    assert kept is not None
    assert [row[1] for row in kept] == [header_cache._NO_STAMP]


def test_a_checkout_that_restores_old_times_is_found(tmp_path: Path) -> None:
    _settled(tmp_path, "a1")
    path = tmp_path / "a1.py"
    before = path.stat()
    other = tmp_path / "aside"
    other.write_text(path.read_text().replace("doc", "cod"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert path.stat().st_size == before.st_size
    assert _doc(tmp_path, "a1") == "cod"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="rights do not bind here")
def test_a_read_only_folder_gets_no_cache(tmp_path: Path) -> None:
    _write(tmp_path, "a1")
    tmp_path.chmod(0o555)
    try:
        assert _doc(tmp_path, "a1") == "doc"
        assert not _cache(tmp_path).exists()
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize("error", [PermissionError, OSError])
def test_failing_to_write_the_cache_is_not_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[OSError]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error(28, "refused")

    monkeypatch.setattr(header_cache, "replace", refuse)
    _write(tmp_path, "a1")
    assert _doc(tmp_path, "a1") == "doc"


def test_the_cache_contains_the_headers_that_were_read(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a1.py").write_text('"""one\n\nmore of it\n"""\nrevision = "a1"\n')
    (tmp_path / "b1.py").write_text(
        '"""\ntwo\n"""\nrevision = "b1"\ndown_revision = "a1"\nbranch_labels = ("x", "y")\n'
    )
    (tmp_path / "c1.py").write_text(
        'revision = "c1"\ndown_revision = ("a1", "b1")\ndepends_on = ["x"]\nlimbeck_edition = "1"\n'
    )
    (tmp_path / "d1.py").write_text('"""nul \\0 in \\x1f it"""\nrevision = "d1"\n')
    (tmp_path / "sub" / "e1.py").write_text('"""surrogate \\udc80"""\nrevision = "e1"\n')
    project = Project(tmp_path, version_locations=(tmp_path,), recursive=True)
    first = project.headers()
    time.sleep(2 * header_cache._FINE_CLOCK / header_cache._SECOND)
    for _ in range(2):
        again = project.headers()
        assert again == first
        assert [one.path for one in again] == [one.path for one in first]
        assert [one.long_doc for one in again] == [one.long_doc for one in first]
    assert _cached_names(tmp_path) == ["a1.py", "b1.py", "c1.py", "d1.py", "sub/e1.py"]


def test_the_cache_is_written_if_python_writes_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _settled(tmp_path, "a1")
    code = READ.replace("range(30)", "range(1)").replace("60", "1")
    _cache(tmp_path).unlink()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=environment)
    assert _cached_names(tmp_path) == ["a1.py"]
    monkeypatch.setattr(header_cache, "read_file", _must_not_read)
    assert _doc(tmp_path, "a1") == "doc"


def test_a_file_whose_clock_was_set_back_is_read_again(tmp_path: Path) -> None:
    _settled(tmp_path, "a1")
    path = _write(tmp_path, "a1", "old")
    os.utime(path, (1_000_000.5, 1_000_000.5))
    assert _doc(tmp_path, "a1") == "old"


def test_a_reader_sees_a_complete_cache_during_a_write(tmp_path: Path) -> None:
    _settled(tmp_path, "a1")
    before = _cache(tmp_path).read_bytes()
    with _cache(tmp_path).open("rb") as opened:
        _settled(tmp_path, "b1")
        assert opened.read() == before
    assert _cache(tmp_path).read_bytes() != before
