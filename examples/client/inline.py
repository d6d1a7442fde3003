"""Inline Python: the text of a task goes to the interpreter as one argument, and no shell reads it.

    python examples/client/inline.py && airexec run --job inline

Look at `airexec logs --job inline report`: quotes, dollars and new lines come out as they were written.
"""

import sys

from airexec.client import Client, Task

REPORT = """
import platform
for name, value in {"price": "$5", "quote": "it's \\"quoted\\"", "python": platform.python_version()}.items():
    print(f"{name}: {value}")
"""

Client().create_job("inline", [Task("report", sys.executable, args=["-c", REPORT])])
print("ordered inline")
