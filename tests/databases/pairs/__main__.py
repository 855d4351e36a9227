"""Run all pairs on a server and print how many pass: `python -m tests.databases.pairs KIND`."""

from __future__ import annotations

import argparse
import atexit
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests import servers
from tests.cases.autogenerate import every_pair
from tests.cases.autogenerate.builders import Pair
from tests.databases.pairs.harness import Stage, stage
from tests.databases.pairs.offline_runner import play_scripts


def main() -> None:
    """Play the pairs whose names hold a word."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["sqlite", "postgresql", "mariadb", "mysql"])
    parser.add_argument("-k", default="", help="part of the name")
    parser.add_argument("-v", action="store_true", help="show what was drafted")
    parser.add_argument("--part", default="0/1", help="0/2, 1/2: every second pair")
    parser.add_argument("--file", default="", help="only the pairs of this file")
    parser.add_argument("--quiet", action="store_true", help="only the unchanged schemas")
    parser.add_argument("--scripts", action="store_true", help="upgrade and downgrade by --sql")
    parser.add_argument("--chance", type=int, default=0, help="so many random pairs instead")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random pairs")
    ask = parser.parse_args()
    servers.open_session()
    atexit.register(servers.close_session)
    part, parts = map(int, ask.part.split("/"))
    all_pairs = every_pair(ask.file)
    pairs = [one for one in all_pairs if ask.kind in one.on and ask.k in one.name][part::parts]
    began, right, played = time.monotonic(), 0, 0
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(ask.kind, Path(folder)) as on,
    ):
        if ask.chance:
            drawn: Iterable[Pair] = _by_chance(on, ask.chance, ask.seed)
        else:
            drawn = pairs
        for pair in drawn:
            played += 1
            if ask.quiet:
                words = on.quiet(pair.after, pair)
                right += not words
                if words:
                    print(f"✗ {pair.name}: {words}", flush=True)
                continue
            try:
                result = play_scripts(on, pair) if ask.scripts else on.play(pair)
            except Exception as error:  # noqa: BLE001 - reported as a failed pair
                print(f"! {pair.name}: {type(error).__name__} {error}", flush=True)
                continue
            right += result.is_right
            if not result.is_right or ask.v:
                print(("✓ " if result.is_right else "✗ ") + str(result) + "\n", flush=True)
    seconds = time.monotonic() - began
    print(f"{right} of {played} right on {ask.kind} in {seconds:.0f} s")


def _by_chance(on: Stage, count: int, beginning: int) -> Iterator[Pair]:
    """Yield random pairs whose two sides the database takes."""
    import random

    from tests.databases.random_models.generate import pairs

    for number in range(beginning, beginning + count):
        pair = pairs(random.Random(number), on.kind, f"chance {number}")
        refusal = on.refusal(pair)
        if refusal:
            print(f"- {pair.name}: the database takes it not: {refusal[:300]}", flush=True)
        else:
            yield pair


if __name__ == "__main__":
    main()
