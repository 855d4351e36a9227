"""Play all pairs on a server and say how many are right: `python -m tests.databases.pairs KIND`."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests import servers
from tests.cases.autogenerate import every_pair
from tests.databases.pairs.harness import stage


def main() -> None:
    """Play the pairs whose names hold a word."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=["sqlite", "postgresql", "mariadb"])
    parser.add_argument("-k", default="", help="part of the name")
    parser.add_argument("-v", action="store_true", help="show what was drafted")
    parser.add_argument("--part", default="0/1", help="0/2, 1/2: every second pair")
    parser.add_argument("--file", default="", help="only the pairs of this file")
    parser.add_argument("--quiet", action="store_true", help="only the unchanged schemas")
    ask = parser.parse_args()
    servers.settle()
    part, parts = map(int, ask.part.split("/"))
    told = every_pair(ask.file)
    pairs = [one for one in told if ask.kind in one.on and ask.k in one.name][part::parts]
    began, right = time.monotonic(), 0
    with (
        tempfile.TemporaryDirectory() as folder,
        stage(ask.kind, Path(folder)) as on,
    ):
        for pair in pairs:
            if ask.quiet:
                words = on.quiet(pair.after, pair)
                right += not words
                if words:
                    print(f"✗ {pair.name}: {words}", flush=True)
                continue
            try:
                result = on.play(pair)
            except Exception as error:  # noqa: BLE001 - a pair that cannot be told is told
                print(f"! {pair.name}: {type(error).__name__} {error}", flush=True)
                continue
            right += result.is_right
            if not result.is_right or ask.v:
                print(("✓ " if result.is_right else "✗ ") + str(result) + "\n", flush=True)
    seconds = time.monotonic() - began
    print(f"{right} of {len(pairs)} right on {ask.kind} in {seconds:.0f} s")


if __name__ == "__main__":
    main()
