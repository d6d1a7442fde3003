"""Queue the tests of this repository: a task for each file that starts real programs, else one for each folder."""

import json
from pathlib import Path

TESTS = Path("tests")
FILE_BY_FILE = {"e2e", "examples"}


def main() -> None:
    folders = {TESTS / file.parts[1] for file in TESTS.glob("*/**/test_*.py")}
    by_folder = sorted(folder for folder in folders if folder.name not in FILE_BY_FILE)
    by_file = sorted(file for name in FILE_BY_FILE for file in (TESTS / name).glob("test_*.py"))
    for path in [*by_file, *by_folder, *sorted(TESTS.glob("test_*.py"))]:
        print("::queue", json.dumps({"template": "test", "with": {"path": str(path)}}))


if __name__ == "__main__":
    main()
