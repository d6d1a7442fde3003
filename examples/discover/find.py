"""Queue an inspection for each Python file below a folder; installed packages are left out."""

import json
import os
import sys
from collections.abc import Iterator

LEFT_OUT = {"site-packages", "dist-packages", "__pycache__"}


def python_files(tree: str) -> Iterator[str]:
    """Yield paths relative to `tree`, in order."""
    for folder, subfolders, names in os.walk(tree):
        subfolders[:] = sorted(set(subfolders) - LEFT_OUT)
        for name in sorted(names):
            if name.endswith(".py"):
                yield os.path.relpath(os.path.join(folder, name), tree)


def main() -> None:
    number = 0
    for path in python_files(sys.argv[1]):
        print("::queue", json.dumps({"template": "inspect", "with": {"path": path}}))
        number += 1
    if not number:
        sys.exit(f"no Python files in {os.path.abspath(sys.argv[1])}")
    print("::output", json.dumps({"files": number}))


if __name__ == "__main__":
    main()
