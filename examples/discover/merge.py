"""Read all findings and write one report. It fails rather than report on a part of the files."""

import json
import sys
from pathlib import Path


def main() -> None:
    work, report, expected = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    found = sorted((json.loads(file.read_text()) for file in work.rglob("*.json")), key=lambda one: one["path"])
    if len(found) != expected:
        sys.exit(f"{expected} files were to be inspected, {len(found)} were")

    good = [one for one in found if "error" not in one]
    merged = {
        "files": len(found),
        "functions": sum(one["functions"] for one in good),
        "classes": sum(one["classes"] for one in good),
        "not_python": {one["path"]: one["error"] for one in found if "error" in one},
        "functions_by_file": {one["path"]: one["functions"] for one in good},
    }
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(merged, indent=2) + "\n")
    text = f"{merged['files']} files, {merged['functions']} functions"
    print("::notice", json.dumps(text))  # shown wherever the run is watched


if __name__ == "__main__":
    main()
