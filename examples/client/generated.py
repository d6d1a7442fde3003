"""Tasks made by a program, in the style of code that writes the store itself: one task for each file that it finds.

    python examples/client/generated.py src && airexec run --job generated

Look at the job folder while this waits to be run: the tasks lie in incoming/ until a runner takes them.
"""

import sys
import uuid
from pathlib import Path

from airexec.client import FileStore, Job, JobState, Task, TaskQueue

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
store = FileStore(".airexec")
path = store.create_job_dir("generated")
store.write_job_state(Job(id=str(uuid.uuid4()), name="generated", state=JobState.WAITING))

queue = TaskQueue("generated", path)
for number, file in enumerate(sorted(folder.glob("*.py"))):
    queue.add(Task(id=f"check-{number}", command=sys.executable, args=["-m", "py_compile", str(file)]))
print(f"ordered generated: {len(queue.tasks())} tasks")
