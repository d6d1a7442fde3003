"""Measure the files of one folder and queue a visit of each sub-folder. Symbolic links are not followed."""

import json
import os
import sys


def main() -> None:
    tree, folder = sys.argv[1:]
    entries = sorted(os.scandir(os.path.join(tree, folder)), key=lambda entry: entry.name)

    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            path = os.path.normpath(os.path.join(folder, entry.name))
            print("::queue", json.dumps({"template": "visit", "with": {"folder": path}}))

    sizes = [entry.stat().st_size for entry in entries if entry.is_file(follow_symlinks=False)]
    print("::output", json.dumps({"files": len(sizes), "bytes": sum(sizes)}))


if __name__ == "__main__":
    main()
