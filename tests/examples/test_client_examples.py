"""The programs of examples/client: each orders a job, and airexec carries it out."""

import subprocess
import sys

import pytest

from tests.e2e.rig import ROOT, Airexec, statuses

EXAMPLES = {
    "pipeline": ((), {"extract", "transform", "load"}, "loaded 100"),
    "shards": (("3",), {"shard-0", "shard-1", "shard-2", "merge"}, "total 44850"),
    "inline": ((), {"report"}, 'quote: it\'s "quoted"'),
    "generated": (("examples/client",), {f"check-{number}" for number in range(6)}, ""),
    "growing": ((), {"find", "item-0", "item-1", "item-2"}, "item 2"),
    "interactive": ((), {"install"}, "created orders"),
}
"""By the name of the file, which is that of the job: arguments, the tasks in the end, and what one of them prints."""


def test_every_program_is_run() -> None:
    assert EXAMPLES.keys() == {path.stem for path in (ROOT / "examples/client").glob("*.py")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_program_orders_a_job(name: str, airexec: Airexec) -> None:
    arguments, tasks, printed = EXAMPLES[name]
    program = [sys.executable, f"examples/client/{name}.py", *arguments]
    ordered = subprocess.run(
        program, cwd=airexec.folder, env=airexec.environment(), capture_output=True, text=True, check=False
    )
    assert (0, "") == (ordered.returncode, ordered.stderr)
    assert ordered.stdout.startswith(f"ordered {name}")

    result = airexec("run", "--job", name)

    assert 0 == result.exit_code, result
    assert printed in result.out
    assert dict.fromkeys(tasks, "completed") == statuses(airexec, name)
