"""Which environment is running, with several threads."""

from __future__ import annotations

import sys
import threading

from limbeck.environment import current_environment, running, running_count


def test_threads_that_start_and_end_environments_never_lose_their_own() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    lost: list[object] = []

    def work() -> None:
        for _ in range(20000):
            environment = object()
            with running(environment):  # type: ignore[arg-type]
                if current_environment() is not environment:
                    lost.append(environment)

    threads = [threading.Thread(target=work) for _ in range(4)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert lost == []
    assert running_count() == 0
