"""Install limbeck into .venv and walk through the how-to on a small real application."""

from __future__ import annotations

import subprocess
import sys

from environment import ROOT, install

if __name__ == "__main__":
    python = install("-e", ".")
    tour = ROOT / "examples" / "bookshop" / "tour.py"
    sys.exit(subprocess.run([str(python), str(tour), *sys.argv[1:]], check=False).returncode)
