"""Count what is in one Python file and leave the findings as a small file of the same name.

A file that is no Python, as some test data, is a finding and not a failure.
"""

import ast
import json
import sys
import warnings
from pathlib import Path


def findings(path: Path) -> dict[str, int | str]:
    warnings.simplefilter("ignore")  # odd escapes in other people's strings
    try:
        nodes = list(ast.walk(ast.parse(path.read_bytes())))
    except (SyntaxError, ValueError, RecursionError) as error:
        return {"error": str(error)}
    functions = sum(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in nodes)
    classes = sum(isinstance(node, ast.ClassDef) for node in nodes)
    return {"functions": functions, "classes": classes}


def main() -> None:
    tree, path, work = sys.argv[1:]
    file = Path(work, path + ".json")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"path": path, **findings(Path(tree, path))}))


if __name__ == "__main__":
    main()
