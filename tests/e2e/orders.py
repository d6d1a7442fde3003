"""A program that orders jobs and knows nothing but the two files: it writes them with `json.dump` as it likes."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.e2e.rig import Airexec

Item = Mapping[str, Any]

HOLD: dict[str, Any] = {
    "id": "hold",
    "command": "sh",
    "args": ["-c", "touch held; while [ ! -e done ]; do sleep 0.02; done"],
}
"""A task that runs until somebody makes the file `done`."""


class Writer:
    """Writes the folder of one job, and reads it as a plain reader does."""

    def __init__(self, airexec: Airexec, job: str = "etl") -> None:
        self.folder: Path = airexec.folder / ".airexec" / "jobs" / job
        self.folder.mkdir(parents=True, exist_ok=True)
        self.job = job

    def order(self, *tasks: Item, id: str = "order-1", **state: Any) -> None:  # noqa: A002 - the word of the file
        self.write_tasks(tasks)
        self.write_state(id=id, **state)

    def write_state(self, **state: Any) -> None:
        now = "2026-11-21T01:33:12.123456"
        content = {"id": "order-1", "name": self.job, "state": "waiting", "created_at": now, "updated_at": now, **state}
        (self.folder / "state.json").write_text(json.dumps(content))

    def write_tasks(self, tasks: Sequence[Any]) -> None:
        (self.folder / "tasks.json").write_text(json.dumps(list(tasks)))

    def add(self, *tasks: Any) -> None:
        """Read, change and write back."""
        self.write_tasks([*self.tasks(), *tasks])

    def drop(self, name: str, content: Any) -> None:
        """Put a file into `incoming/`, written beside and renamed in."""
        (self.folder / "incoming").mkdir(exist_ok=True)
        beside = self.folder / "incoming" / f".{name}"
        beside.write_text(json.dumps(content))
        os.rename(beside, self.folder / "incoming" / f"{name}.json")

    def tasks(self) -> list[dict[str, Any]]:
        return json.loads((self.folder / "tasks.json").read_text())  # type: ignore[no-any-return]

    def state(self) -> dict[str, Any]:
        return json.loads((self.folder / "state.json").read_text())  # type: ignore[no-any-return]

    def statuses(self) -> dict[str, str | None]:
        return {task["id"]: task.get("status") for task in self.tasks() if isinstance(task, dict)}

    def wait_for_status(self, task: str, status: str, patience: float = 30.0) -> None:
        deadline = time.monotonic() + patience
        while self.statuses().get(task) != status:
            assert time.monotonic() < deadline, f"{task} is {self.statuses().get(task)}, not {status}"
            time.sleep(0.02)


def say(id: str, *dependencies: str, text: str = "hi") -> Item:  # noqa: A002
    """Return a task that leaves its id in the file `log`."""
    command = ["sh", "-c", f"echo {id} >>log; echo {text}"]
    return {"id": id, "command": command, "dependencies": list(dependencies), "status": "pending"}
