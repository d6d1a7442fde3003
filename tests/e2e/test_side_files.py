"""The queue file from outside: `airexec queue` means the same as the printed line."""

from tests.e2e.rig import Airexec, statuses


def test_with_when_line_airexec_queue_splices_while_its_task_runs(airexec: Airexec) -> None:
    """The task waits for what it has queued; queued at its end, neither would ever come to one."""
    airexec.write(
        "w.yml",
        """
        tasks:
          emit:
            queue: {when: line}
            execution_timeout: 30s
            command: |
              airexec queue --id first -- touch first
              until [ -e first ]; do sleep 0.01; done
              echo '{"id": "second", "command": "touch second"}' > "$AIREXEC_QUEUE"
              until [ -e second ]; do sleep 0.01; done
              echo '::queue {"id": "third", "command": "touch third"}'
              until [ -e third ]; do sleep 0.01; done
          after: {dependencies: [emit], command: test -e third}
        """,
    )
    result = airexec("run", "w.yml")

    assert (0, "") == (result.exit_code, result.err)
    assert dict.fromkeys(["emit", "after", "first", "second", "third"], "completed") == statuses(airexec, "w")


def test_without_it_what_airexec_queue_says_counts_at_the_end(airexec: Airexec) -> None:
    """A task that fails has queued nothing."""
    airexec.write(
        "w.yml",
        """
        tasks:
          good: {queue: true, command: airexec queue --id by-good -- true}
          bad: {queue: true, command: airexec queue --id by-bad -- true; exit 1}
        """,
    )
    result = airexec("run", "w.yml")

    assert 1 == result.exit_code
    assert {"good": "completed", "bad": "failed", "by-good": "completed"} == statuses(airexec, "w")
