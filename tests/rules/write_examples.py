"""Writes rules/examples: python tests/rules/write_examples.py, with ids behind it for only those."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))


def main() -> None:
    from tests.rules.example_conversations import write

    write(sys.argv[1:])


if __name__ == "__main__":
    main()
