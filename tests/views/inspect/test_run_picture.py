"""The graph that really ran."""

from airexec.graph.picture import NodeKind, Picture, PictureNode
from airexec.scheduler.events import AttemptCompleted, AttemptFailed, AttemptStarted, RetryReady
from airexec.scheduler.statuses import Reason
from airexec.testing import Script, make_plan, make_task
from airexec.views.inspect.run_picture import picture_of_run
from airexec.workflow.model import Dependency, QueuePermission, Task

FIND = make_task("find", queue=QueuePermission(("one",)))


def script_of(*tasks: Task) -> Script:
    script = Script(make_plan(*tasks, name="etl", templates={"one": make_task("one")}))
    script.settle()
    return script


def node(picture: Picture, node_id: str) -> PictureNode:
    return next(node for node in picture.nodes if node.id == node_id)


def edges(picture: Picture) -> list[tuple[str, str, str]]:
    return [(edge.upstream, edge.downstream, edge.kind.value) for edge in picture.edges]


def placeholders(picture: Picture) -> list[str]:
    return [node.id for node in picture.nodes if node.kind is NodeKind.TEMPLATE]


def test_the_title_names_workflow_and_run() -> None:
    """Two pictures of one workflow can be told apart."""
    assert picture_of_run(script_of(make_task("a")).run).title == "etl · 20260102-030405-0000"


def test_queued_tasks_are_there_with_who_queued_them_and_who_waits_for_them() -> None:
    """The placeholder has given way to what was queued."""
    script = script_of(FIND, make_task("merge", ["find"]))

    script.complete("find", make_task("p1"), make_task("p2", ["p1"]))
    picture = picture_of_run(script.run)

    assert [(node.id, node.status, node.queued_by) for node in picture.nodes] == [
        ("find", "completed", None),
        ("merge", "pending", None),
        ("p1", "running", "find"),
        ("p2", "pending", "find"),
    ]
    assert set(edges(picture)) == {
        ("find", "merge", "dependency"),
        ("p1", "merge", "queued"),
        ("p2", "merge", "queued"),
        ("find", "p1", "emitter"),
        ("find", "p2", "emitter"),
        ("p1", "p2", "dependency"),
    }
    assert placeholders(picture) == []


def test_who_reads_what_another_makes_is_told_from_who_waits_for_it() -> None:
    """As in the picture of the workflow."""
    tasks = make_task("a"), make_task("b", [Dependency("a", from_files=True)]), make_task("c", ["a"])

    assert [("a", "b", "files"), ("a", "c", "dependency")] == edges(picture_of_run(script_of(*tasks).run))


def test_the_placeholder_stays_while_the_emitter_may_queue() -> None:
    """Before it has run, while it runs, and when it has failed, as a resume would run it again."""
    script = script_of(make_task("a"), FIND._replace(dependencies=make_task("x", ["a"]).dependencies))

    pending = placeholders(picture_of_run(script.run))
    script.complete("a")
    running = placeholders(picture_of_run(script.run))
    script.fail("find")
    failed = placeholders(picture_of_run(script.run))

    assert [pending, running, failed] == [["find + one"]] * 3


def test_the_placeholder_is_gone_once_something_was_queued() -> None:
    """Also while the emitter still runs and queues at the line."""
    script = script_of(FIND)

    script.queue("find", make_task("p1"))

    assert placeholders(picture_of_run(script.run)) == []


def test_the_placeholder_is_gone_once_the_emitter_has_completed_without_queueing() -> None:
    """It will not queue any more."""
    script = script_of(FIND)

    script.complete("find")

    assert placeholders(picture_of_run(script.run)) == []


def test_notes_tell_duration_attempt_and_error() -> None:
    """What is worth a glance; a task that runs has no duration yet."""
    script = script_of(make_task("a", retries=1), make_task("b"))
    waiting = AttemptFailed("a", 1, 2.5, Reason.EXIT, "exit code 3", 3, retry_delay=5.0)

    running = node(picture_of_run(script.run), "a").note
    script.happen(waiting)
    up_for_retry = node(picture_of_run(script.run), "a").note
    script.happen(RetryReady("a"))
    script.happen(AttemptStarted("a", 2, ("true",)))
    again = node(picture_of_run(script.run), "a").note
    script.happen(waiting._replace(attempt=2, duration=75.0, retry_delay=None))
    failed = node(picture_of_run(script.run), "a").note

    assert [running, up_for_retry, again, failed] == [
        "",
        "exit code 3",
        "attempt 2",
        "1m15s, attempt 2, exit code 3",
    ]


def test_details_tell_what_happened_and_then_what_was_written() -> None:
    """For the panel of the page."""
    script = script_of(FIND, make_task("after", ["find"]))

    script.complete("find", make_task("p1", retries=2))
    script.fail("p1", reason=Reason.EXIT)
    picture = picture_of_run(script.run)

    assert node(picture, "find").details == {
        "attempt": "1",
        "duration": "1s",
        "queued": "1 task",
        "command": "true",
        "may queue": "one",
    }
    assert node(picture, "p1").details == {
        "attempt": "1 of up to 3",
        "duration": "1s",
        "error": "exit code 1",
        "queued by": "find",
        "command": "true",
        "retries": "2",
    }
    assert node(picture, "after").details["because"].startswith("all_success: ")


def test_the_critical_path_is_that_of_the_run() -> None:
    """Durations of this run, through what was queued; what has not run counts as it took before, or 1 second."""
    script = script_of(FIND, make_task("slow"), make_task("merge", ["find", "slow"]))

    script.complete("find", make_task("p1"))
    before = picture_of_run(script.run, critical=True).critical
    script.happen(AttemptCompleted("slow", 1, 60.0))
    after = picture_of_run(script.run, critical=True).critical

    assert before == ("find", "p1", "merge")
    assert after == ("slow", "merge")
    assert picture_of_run(script.run).critical == ()


def test_a_closer_look_shows_the_command_as_it_ran() -> None:
    """With its values; of a task that has not run, what is written."""
    script = Script(make_plan(make_task("a", command="make {{ params.x }}"), make_task("b", ["a"]), name="etl"))
    script.happen(AttemptStarted("a", 1, ("sh", "-e", "-c", "make all")))
    picture = picture_of_run(script.run)

    assert ("make all", "true") == (node(picture, "a").details["command"], node(picture, "b").details["command"])
