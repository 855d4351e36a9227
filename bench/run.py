"""Measure limbeck and Alembic 1.20.1 on the same project files, in one run.

    python bench/run.py                  everything (an hour)
    python bench/run.py --quick          the rows that take seconds
    python bench/run.py --only current   rows whose name holds a word
    python bench/run.py --record         keep the ratios in bench/recorded.json
    python bench/run.py --quick --check  fail when a ratio is a quarter worse than recorded
    python bench/run.py --ci             the same for a handful of rows, in less than a minute

Each row runs both tools in turn (peer, limbeck, limits, peer, ...) as whole processes; the
table gives medians with minimum and maximum, the ratio of medians, and peak memory. A row that
is worse than recorded is measured once more, with twice the runs, before it counts.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from contextlib import ExitStack
from pathlib import Path

from installing import installing
from measure import Figure, interleaved
from new_databases import new_databases
from works import Place, Work, interpreter, works

HERE = Path(__file__).resolve().parent
RECORDED = HERE / "recorded.json"
PEER = HERE / ".peer"
WORST = 0.75
RUNS = 5
MEMORY = 0.7  # of the peer's peak, at most, in every row
REQUIREMENTS = ("alembic==1.20.1", "psycopg[binary]", "pymysql", "cryptography")
COLUMNS = ("work", "figure", "Alembic", "limbeck", "limits", "ratio", "promised", "memory MiB")


def peer() -> tuple[str, ...]:
    """Install Alembic into an environment of its own, once, with our SQLAlchemy."""
    python = PEER / "bin" / "python"
    if not python.exists():
        import sqlalchemy

        venv.create(PEER, with_pip=True)
        wanted = [*REQUIREMENTS, f"SQLAlchemy=={sqlalchemy.__version__}"]
        subprocess.run([str(python), "-m", "pip", "install", "-q", *wanted], check=True)
    return (str(python), "-m", "alembic")


def measure(
    work: Work, runs: int | None, tools: tuple[tuple[str, ...], ...], *, is_bare: bool = False
) -> dict[str, Figure]:
    """Set a work up, run it, also its limits unless `is_bare`, and remove it."""
    with (
        ExitStack() as undo,
        tempfile.TemporaryDirectory(prefix="limbeck-bench-") as folder,
    ):
        place = Place(Path(folder), *tools, interpreter(), undo)
        commands = work.make(place)
        if is_bare:
            commands = {name: commands[name] for name in ("peer", "limbeck")}
        return interleaved(commands, runs or work.runs or RUNS)


def ratios(work: Work, figures: dict[str, Figure]) -> dict[str, float]:
    """Return how much better limbeck is: in all, without a limit, in memory."""
    mine, theirs = figures["limbeck"], figures["peer"]
    against = figures[work.against]
    found = {
        "ratio": against.median(work.figure) / mine.median(work.figure),
        "memory": mine.median("memory") / theirs.median("memory"),
    }
    if work.without:
        off = figures[work.without[0]].median(work.figure)
        rest = max(mine.median(work.figure) - off, 0.001)
        found["without"] = (against.median(work.figure) - off) / rest
    return {name: round(value, 2) for name, value in found.items()}


def line(work: Work, figures: dict[str, Figure], found: dict[str, float]) -> str:
    """Return a row of the table."""
    limits = [
        f"{name} {figure.text(work.figure)}"
        for name, figure in figures.items()
        if name not in {"peer", "limbeck"}
    ]
    digits = 1 if work.against == "peer" else 2
    ratio, promised = f"{found['ratio']:.{digits}f}", _promise(found["ratio"], work.at_least)
    if work.without:
        name, at_least = work.without
        ratio += f"; without {name} {found['without']:.1f}"
        promised += f"; {_promise(found['without'], at_least)}"
    mine, theirs = figures["limbeck"], figures["peer"]
    memory = f"{mine.median('memory'):.0f} of {theirs.median('memory'):.0f} ({found['memory']:.2f})"
    memory += "" if found["memory"] <= MEMORY else " (missed)"
    memory += _least_memory(figures)
    cells = (
        work.name, work.figure, theirs.text(work.figure), mine.text(work.figure),
        "; ".join(limits), ratio, promised, memory,
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _least_memory(figures: dict[str, Figure]) -> str:
    limits = [one.median("memory") for name, one in figures.items() if name.startswith("models")]
    return f"; models and driver {max(limits):.0f}" if limits else ""


def shown(
    work: Work, runs: int | None, tools: tuple[tuple[str, ...], ...], *, is_bare: bool
) -> dict[str, float]:
    """Measure a work, print its row, and return the ratios."""
    figures = measure(work, runs, tools, is_bare=is_bare)
    found = ratios(work, figures)
    print(line(work, figures, found), flush=True)
    return found


def _promise(ratio: float, at_least: float | None) -> str:
    if at_least is None:
        return ""
    return f"{at_least:g}" + ("" if ratio >= at_least else " (missed)")


def chosen(options: argparse.Namespace) -> list[Work]:
    """Return the rows that were asked for."""
    rows = [
        work
        for work in (*works(), *new_databases(), *installing())
        if work.is_quick or not options.quick
    ]
    if options.ci:
        rows = [work for work in rows if work.is_guard]
    return [work for work in rows if all(word in work.name for word in options.only)]


def main() -> int:
    """Measure, print the table, and compare with what is recorded if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="only rows that take seconds")
    add("--only", action="append", default=[], help="only rows whose name holds this")
    add("--runs", type=int, help="counted runs of each command")
    add("--record", action="store_true", help="keep the ratios")
    add("--check", action="store_true", help="fail on a ratio that got worse by a quarter")
    add("--ci", action="store_true", help="check the few rows that tell most")
    options = parser.parse_args()
    checks = options.check or options.ci
    tools = ((interpreter(), "-m", "limbeck"), peer())
    recorded = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    print("| " + " | ".join(COLUMNS) + " |")
    print("|---" * len(COLUMNS) + "|", flush=True)
    worse = []
    for work in chosen(options):
        before = recorded.get(work.name, {}).get("ratio", 0.0)
        found = shown(work, options.runs, tools, is_bare=options.ci)
        if checks and found["ratio"] < before * WORST:
            # something else may have run meanwhile: twice as many runs tell
            again = 2 * (options.runs or work.runs or RUNS)
            found = shown(work, again, tools, is_bare=options.ci)
            if found["ratio"] < before * WORST:
                worse.append(f"{work.name}: {found['ratio']:.1f}, recorded {before:.1f}")
        if options.record:
            recorded[work.name] = found
            RECORDED.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
    if worse:
        print("worse by a quarter:", *worse, sep="\n  ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
