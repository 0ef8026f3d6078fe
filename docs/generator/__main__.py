"""``make reference``: writes the pages of docs/reference/ that differ, and names them."""

from __future__ import annotations

import sys
from pathlib import Path

from docs.generator.pages import pages

FOLDER = Path(__file__).resolve().parents[1] / "reference"


def main() -> None:
    """Writes what differs; pages that are nobody's any more are removed."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for path in sorted(FOLDER.glob("*.md")):
        if path.name not in wanted:
            path.unlink()
            sys.stdout.write(f"removed {path.name}\n")
    for name, text in wanted.items():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"written {name}\n")


if __name__ == "__main__":
    main()
