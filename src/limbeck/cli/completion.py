"""Completion scripts for shells, generated from the table of options.

The scripts contain all words, so that completion does not start Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from limbeck.cli.arguments import COMMANDS, GLOBAL, OPTIONS, CommandSpec, Option

Words = Mapping[str, tuple[Option, ...]]


def _flags(options: tuple[Option, ...]) -> list[str]:
    return [flag for option in options for flag in option.flags]


def _words() -> Words:
    return {
        spec.name: tuple(OPTIONS[name] for name in _arguments(spec) if OPTIONS[name].flags)
        for spec in COMMANDS
    }


def _arguments(spec: CommandSpec) -> Iterable[str]:
    actions = (name for one in spec.actions for name in one.arguments)
    return dict.fromkeys((*spec.arguments, *actions))


def _function(prog: str) -> str:
    return "_" + re.sub(r"\W", "_", prog)


def _bash(prog: str) -> str:
    cases = "\n".join(
        f"        {name}) words='{' '.join(_flags(options))}' ;;"
        for name, options in _words().items()
    )
    return f"""\
{_function(prog)}() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" command="" words="" each
    for each in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case " {" ".join(_words())} " in *" $each "*) command="$each"; break ;; esac
    done
    case "$command" in
        "") words='{" ".join([*_words(), *_flags(GLOBAL), "--version", "--help"])}' ;;
{cases}
    esac
    COMPREPLY=( $(compgen -W "$words" -- "$word") )
}}
complete -o default -F {_function(prog)} {prog}
"""


def _quoted(text: str) -> str:
    return text.replace("'", "").replace("[", "(").replace("]", ")").replace(":", " -")


def _zsh(prog: str) -> str:
    lines = [f"#compdef {prog}", f"{_function(prog)}() {{", "    local -a commands"]
    lines.append("    commands=(")
    lines += [f"        '{spec.name}:{_quoted(spec.help)}'" for spec in COMMANDS]
    lines += ["    )", "    local command=${words[(r)(" + "|".join(_words()) + ")]}"]
    lines.append("    case $command in")
    for name, options in _words().items():
        specs = " ".join(
            f"'{flag}[{_quoted(option.help)}]'" for option in options for flag in option.flags
        )
        lines.append(f"        {name}) _arguments {specs} '*:file:_files' ;;")
    top = " ".join(f"'{flag}[{_quoted(one.help)}]'" for one in GLOBAL for flag in one.flags)
    lines.append(f"        *) _arguments {top} '1:command:->command' && return 0")
    lines.append("           _describe command commands ;;")
    lines += ["    esac", "}", f"compdef {_function(prog)} {prog}", ""]
    return "\n".join(lines)


def _fish(prog: str) -> str:
    names = " ".join(_words())
    lines = [f"complete -c {prog} -f"]
    lines += [
        f"complete -c {prog} -n 'not __fish_seen_subcommand_from {names}' "
        f"-a {spec.name} -d '{_quoted(spec.help)}'"
        for spec in COMMANDS
    ]
    for name, options in _words().items():
        for option in options:
            flags = " ".join(
                f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}"
                for flag in option.flags
            )
            lines.append(
                f"complete -c {prog} -n '__fish_seen_subcommand_from {name}' "
                f"{flags} -d '{_quoted(option.help)}'"
            )
    return "\n".join([*lines, ""])


def completion_script(shell: str, prog: str) -> str:
    """Return the completion script for a shell.

    Args:
        shell: bash, zsh or fish.
        prog: the name of the program.
    """
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](prog)
