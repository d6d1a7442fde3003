"""A task that adds tasks to its own job: who finds work while it runs, has it done.

    python examples/client/growing.py && airexec run --job growing

Look at `airexec why --job growing item-2`.
"""

import os
import sys

from airexec.client import Client, Task

if os.environ.get("AIREXEC_JOB") != "growing":
    Client().create_job("growing", [Task("find", sys.executable, [os.path.abspath(__file__)])])
    print("ordered growing")
else:  # this is the task `find`, in the folder that holds .airexec
    found = [Task(f"item-{number}", "echo", [f"item {number}"], dependencies=["find"]) for number in range(3)]
    Client().add_tasks("growing", found)
    print(f"found {len(found)} items")
