"""The server of `limbeck mcp`: each tool runs a command with `--json` in a process of its own.

What env.py and the models print cannot reach the protocol on standard output, and each call sees
the files as they are then.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from subprocess import DEVNULL
from typing import TYPE_CHECKING, Any

from limbeck.errors import McpMissingError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

TIME_LIMIT = 600.0
_INSTRUCTIONS = (
    "Tools for the database schema migrations of the project in the server's folder. No tool "
    "changes the database. Call `status` first. A result holds the exit code, the JSON document "
    "of the command and its messages."
)
_HERE = Path(__file__)
# in an installed package next to this file, in a checkout among the documentation
_ERROR_PAGES = (_HERE.with_name("errors.md"), _HERE.parents[3] / "docs" / "errors.md")


class CommandTools:
    """The tools: methods that run a command and return its document.

    Args:
        options: options before the command, such as `-c FILE`.
        time_limit: seconds after which a command is ended.
    """

    def __init__(self, options: Sequence[str] = (), time_limit: float = TIME_LIMIT) -> None:
        self._options = tuple(options)
        self._time_limit = time_limit

    async def status(self) -> dict[str, Any]:
        """Return the revision of each database, and its pending and interrupted migrations."""
        return await self._run("status")

    async def history(self, revision_range: str | None = None) -> dict[str, Any]:
        """Return the revisions, newest first; a range is written start:end."""
        return await self._run(
            "history", *([] if revision_range is None else [f"--rev-range={revision_range}"])
        )

    async def plan(self, revision: str = "head") -> dict[str, Any]:
        """Return what `upgrade` to the revision would do, without doing it."""
        return await self._run("plan", *_positional(revision))

    async def check(self) -> dict[str, Any]:
        """Return the differences between the models and the database."""
        return await self._run("check")

    async def lint(self, revision_range: str | None = None) -> dict[str, Any]:
        """Return what each statement of revisions does to a running system: locks, rewrites.

        The statements are run on a scratch database. By default the newest revisions.
        """
        return await self._run("lint", *_positional(revision_range))

    async def verify(self, revision_range: str | None = None) -> dict[str, Any]:
        """Run revisions up, down and up again on a scratch database, and return the faults."""
        return await self._run("verify", *_positional(revision_range))

    async def draft(
        self,
        message: str,
        renames: list[str] | None = None,
        not_renamed: list[str] | None = None,
        fill: list[str] | None = None,
    ) -> dict[str, Any]:
        """Write a revision file with the difference between models and database.

        Args:
            message: what the revision is about.
            renames: `old=new` for each table, or column `table.old=table.new`, that was renamed.
            not_renamed: tables and columns that were dropped, not renamed.
            fill: `table.column=SQL`, the value of a new NOT NULL column in existing rows.
        """
        given = [("--rename", renames), ("--no-rename", not_renamed), ("--fill", fill)]
        answers = [f"{flag}={word}" for flag, words in given for word in words or ()]
        return await self._run("revision", "--autogenerate", f"--message={message}", *answers)

    async def explain_error(self, code: str) -> str:
        """Return the cause of an error code such as LB352, and what to do."""
        return explanation(code)

    async def _run(self, command: str, *words: str) -> dict[str, Any]:
        import anyio
        from mcp.server.mcpserver.exceptions import ToolError

        argv = [sys.executable, "-m", "limbeck", *self._options, command, "--json", *words]
        try:
            with anyio.fail_after(self._time_limit):
                done = await anyio.run_process(argv, check=False, stdin=DEVNULL)
        except TimeoutError:
            raise ToolError(f"{command} did not end within {self._time_limit:g} s") from None
        messages = done.stderr.decode("utf-8", "replace").strip()
        try:
            document = json.loads(done.stdout or b"null")
        except ValueError:
            document = None
        if document is None or (isinstance(document, dict) and "error" in document):
            text = json.dumps(document) if document else messages
            raise ToolError(f"{command} failed (exit code {done.returncode}): {text}")
        return {"exit_code": done.returncode, "document": document, "messages": messages}


def _positional(word: str | None) -> tuple[str, ...]:
    """Return a client's value as an argument that is never read as an option."""
    return () if word is None else ("--", word)


def explanation(code: str) -> str:
    """Return the section of the documentation about an error code."""
    path = next((one for one in _ERROR_PAGES if one.is_file()), None)
    text = "" if path is None else path.read_text("utf-8")
    wanted = re.escape(code.strip().upper())
    found = re.search(rf"^### ({wanted}\n.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else f"limbeck has no error code {code!r}."


def build(options: Sequence[str] = (), *, allow_write: bool) -> MCPServer:
    """Return the server with its tools.

    Args:
        options: options before each command, such as `-c FILE`.
        allow_write: also offer the tool that writes revision files.

    Raises:
        McpMissingError: the package `mcp` is not installed.
    """
    try:
        from mcp.server.mcpserver import MCPServer
        from mcp.types import ToolAnnotations
    except ImportError as error:
        raise McpMissingError(
            "limbeck mcp needs the Python package mcp, version 2 or newer",
            hint="pip install 'limbeck[mcp]'",
        ) from error
    server = MCPServer("limbeck", instructions=_INSTRUCTIONS, version=version("limbeck"))
    tools = CommandTools(options)
    reading: list[Callable[..., Any]] = [
        tools.status, tools.history, tools.plan, tools.check, tools.lint, tools.verify,
        tools.explain_error,
    ]  # fmt: skip
    for tool in reading:
        server.add_tool(tool, annotations=ToolAnnotations(read_only_hint=True))
    if allow_write:
        writes = ToolAnnotations(read_only_hint=False, destructive_hint=False)
        server.add_tool(tools.draft, annotations=writes)
    return server


def serve(options: Sequence[str] = (), *, allow_write: bool) -> None:
    """Serve the tools on standard input and output until the client leaves.

    Args:
        options: options before each command, such as `-c FILE`.
        allow_write: also offer the tool that writes revision files.

    Raises:
        McpMissingError: the package `mcp` is not installed.
    """
    build(options, allow_write=allow_write).run("stdio")
