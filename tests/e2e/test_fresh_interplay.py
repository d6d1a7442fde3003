"""Only what changed, together with the rest: retries, rules, failures that are allowed, other jobs, odd files."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.rig import Airexec, statuses


def ran(airexec: Airexec, *arguments: str, job: str = "airexec", exit_code: int = 0) -> set[str]:
    """Run, and return which tasks had an attempt."""
    result = airexec("run", *arguments)
    assert exit_code == result.exit_code, result
    tasks = json.loads(airexec.read(f".airexec/jobs/{job}/tasks.json"))
    return {task["id"] for task in tasks if "up_to_date" not in task and task["attempt"]}


def test_a_success_after_a_retry_is_one_to_go_by(airexec: Airexec) -> None:
    """What failed before it is forgotten."""
    airexec.write(
        "airexec.yml",
        "tasks: {t: {sources: a, generates: b, retries: 2, retry_delay: 0,"
        " command: 'echo x >> n; test $(wc -l < n) = 2 && cp a b'}}",
    )
    airexec.write("a", "1")

    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)


def test_a_failure_that_is_allowed_is_tried_each_time(airexec: Airexec) -> None:
    """It is no success, and who waits for it runs as after any of its runs."""
    airexec.write(
        "airexec.yml",
        "tasks:\n"
        "  t: {sources: a, allow_failure: true, command: 'exit 3'}\n"
        "  after: {sources: a, dependencies: [t], command: 'true'}\n",
    )
    airexec.write("a", "1")

    assert {"t", "after"} == ran(airexec)
    assert {"t", "after"} == ran(airexec)


@pytest.mark.parametrize(
    ("rule", "status"),
    [
        ("all_success", "completed"),
        ("one_success", "completed"),
        ("none_failed", "completed"),
        ("all_done", "completed"),
        ("one_done", "completed"),
        ("none_skipped", "completed"),
        ("all_failed", "skipped"),
        ("one_failed", "skipped"),
        ("all_skipped", "skipped"),
    ],
)
def test_for_every_rule_up_to_date_is_a_success(airexec: Airexec, rule: str, status: str) -> None:
    """As if it had run."""
    airexec.write(
        "airexec.yml",
        "tasks:\n"
        "  up: {sources: a, command: 'true'}\n"
        f"  down: {{dependencies: [up], trigger_rule: {rule}, command: 'true'}}\n",
    )
    airexec.write("a", "1")
    airexec("run")

    assert "up" not in ran(airexec)
    assert {"up": "completed", "down": status} == statuses(airexec, "airexec")


def test_two_jobs_that_share_files_go_by_what_each_has_seen(airexec: Airexec) -> None:
    """What one has made does not make the other up to date, and a change is one for both."""
    text = "tasks: {t: {sources: a, generates: b, command: cp a b}}"
    airexec.write("one.yml", text)
    airexec.write("two.yml", text)
    airexec.write("a", "1")

    assert {"t"} == ran(airexec, "one.yml", job="one")
    assert {"t"} == ran(airexec, "two.yml", job="two")
    assert set() == ran(airexec, "one.yml", job="one")
    airexec.write("a", "2")
    assert {"t"} == ran(airexec, "two.yml", job="two")
    assert {"t"} == ran(airexec, "one.yml", job="one")


def test_a_run_that_failed_is_gone_on_with_where_nothing_is_to_be_done_twice(airexec: Airexec) -> None:
    """By `resume`, and by a new run as well."""
    airexec.write(
        "airexec.yml",
        "tasks:\n"
        "  a: {sources: in, generates: out, command: cp in out}\n"
        "  b: {sources: out, generates: end, command: 'test -e go && cp out end'}\n",
    )
    airexec.write("in", "1")
    assert {"a", "b"} == ran(airexec, exit_code=1)
    assert {"b"} == ran(airexec, exit_code=1)
    airexec.write("go", "")

    assert 0 == airexec("resume").exit_code
    assert set() == ran(airexec)


@pytest.mark.parametrize("older", [True, False])
def test_a_clock_that_was_put_hides_no_change(airexec: Airexec, older: bool) -> None:
    """Content counts, whatever the times say, also where the size is the same."""
    airexec.write("airexec.yml", "tasks: {t: {sources: a, command: 'true'}}")
    path = airexec.write("a", "1")
    ran(airexec)
    before = path.stat()

    airexec.write("a", "2")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns - 10**12 if older else before.st_mtime_ns))

    assert {"t"} == ran(airexec)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder on another file system, where there is one."""
    path = tempfile.mkdtemp(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)
    yield Path(path)
    shutil.rmtree(path)


def test_files_of_another_file_system_are_files(airexec: Airexec, elsewhere: Path) -> None:
    """Read there and made there, by their absolute paths."""
    airexec.write(
        "airexec.yml",
        f"tasks: {{t: {{sources: {elsewhere}/a, generates: {elsewhere}/b, command: cp {elsewhere}/a {elsewhere}/b}}}}",
    )
    (elsewhere / "a").write_text("1")

    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)
    (elsewhere / "a").write_text("2")
    assert {"t"} == ran(airexec)
    (elsewhere / "b").unlink()
    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)


def test_a_link_is_what_it_leads_to(airexec: Airexec) -> None:
    """To another file with the same content nothing changes, to another content it does; a dangling one is none."""
    airexec.write("airexec.yml", "tasks: {t: {sources: link, command: 'true'}}")
    for name, text in (("a", "same"), ("b", "same"), ("c", "else")):
        airexec.write(name, text)
    link = airexec.folder / "link"

    def lead_to(name: str) -> None:
        link.unlink(missing_ok=True)
        link.symlink_to(name)

    lead_to("a")
    assert {"t"} == ran(airexec)
    lead_to("b")
    assert set() == ran(airexec)
    lead_to("c")
    assert {"t"} == ran(airexec)
    lead_to("nowhere")
    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)
    assert "no source link is there" in airexec("run", "-B").out


def test_what_is_no_file_is_left_out_and_holds_nobody_up(airexec: Airexec) -> None:
    """A FIFO that somebody opened for reading would wait for ever; a folder means what is in it."""
    airexec.write("airexec.yml", "tasks: {t: {sources: [in, pipe, 'g*'], command: 'true'}}")
    os.mkfifo(airexec.folder / "pipe")
    os.mkfifo(airexec.folder / "g.pipe")
    airexec.write("in/deep/a", "1")
    (airexec.folder / "in" / "empty").mkdir()

    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)
    airexec.write("in/deep/b", "")
    assert {"t"} == ran(airexec)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_source_that_cannot_be_read_makes_it_run_each_time(airexec: Airexec) -> None:
    """Nobody knows what is in it, and `why` says that."""
    airexec.write("airexec.yml", "tasks: {t: {sources: a, command: 'true'}}")
    airexec.write("a", "1").chmod(0)

    assert {"t"} == ran(airexec)
    assert {"t"} == ran(airexec)
    assert "source a has changed while the task ran, or could not be read" in airexec("why", "t").out


def test_a_folder_of_ten_thousand_files_is_one_source(airexec: Airexec) -> None:
    """One of them that changes, comes or goes makes the task run."""
    airexec.write("airexec.yml", "tasks: {t: {sources: [many, '!many/9*'], command: 'true'}}")
    (airexec.folder / "many").mkdir()
    for number in range(10_000):
        (airexec.folder / "many" / str(number)).write_text(str(number))

    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)
    airexec.write("many/9999", "left out")
    assert set() == ran(airexec)
    airexec.write("many/77", "x")
    assert {"t"} == ran(airexec)
    (airexec.folder / "many" / "78").unlink()
    assert {"t"} == ran(airexec)
    assert "source many/78 is gone" in airexec("why", "t").out


LINKED = """\
tasks:
  compile:
    matrix: {src: {files: "src/*.c"}}
    sources: "{{ matrix.src }}"
    generates: "obj/{{ matrix.src | stem }}.o"
    command: "mkdir -p obj && cp {{ matrix.src }} obj/{{ matrix.src | stem }}.o"
  link: {sources: "obj/*.o", generates: app, command: cat obj/*.o > app}
"""


@pytest.fixture
def linked(airexec: Airexec) -> Airexec:
    """A program of two files."""
    airexec.write("airexec.yml", LINKED)
    airexec.write("src/a.c", "a")
    airexec.write("src/b.c", "b")
    ran(airexec)
    assert "ab" == airexec.read("app")
    return airexec


def test_the_list_says_who_reads_what_another_makes(linked: Airexec) -> None:
    """By name, unless they are many; and what each reads and makes to programs."""
    assert "  link          reads what compile[src/a.c], compile[src/b.c] makes\n" in linked("list").out
    for name in "cd":
        linked.write(f"src/{name}.c", name)

    assert "  link          reads what compile[…] × 4 makes\n" in linked("list").out  # noqa: RUF001
    link = json.loads(linked("list", "--json").out)["tasks"][-1]
    assert (["obj/*.o"], ["app"], "") == (link["sources"], link["generates"], link["depfile"])


def test_what_a_task_has_made_goes_with_the_file_that_it_was_made_of(linked: Airexec) -> None:
    """Else the program would go on to hold it, since the pattern takes it. It is told."""
    os.unlink(linked.folder / "src/b.c")

    result = linked("run")

    assert "airexec: removed obj/b.o: compile[src/b.c] has made it, and its file is gone\n" in result.err
    assert "link: completed" in linked("why", "link").out
    assert "source obj/b.o is gone" in linked("why", "link").out
    assert "a" == linked.read("app")


def test_a_renamed_file_is_compiled_and_linked_once(linked: Airexec) -> None:
    """Under its new name."""
    os.rename(linked.folder / "src/b.c", linked.folder / "src/c.c")

    assert {"compile[src/c.c]", "link"} == ran(linked)
    assert ["a.o", "c.o"] == sorted(os.listdir(linked.folder / "obj"))


@pytest.mark.parametrize("kept", ["edited", "named", "of another list"])
def test_what_may_be_somebodys_stays(linked: Airexec, kept: str) -> None:
    """What was edited since, what a task names, and what is not made of a file that is gone."""
    if kept == "edited":
        linked.write("obj/b.o", "by hand")
        os.unlink(linked.folder / "src/b.c")
    elif kept == "named":
        linked.write("airexec.yml", LINKED + "  read: {sources: obj/b.o, command: 'true'}\n")
        os.unlink(linked.folder / "src/b.c")
    else:
        linked.write("airexec.yml", LINKED.replace('"src/*.c"', '"src/a*.c"'))

    assert "removed" not in linked("run").err
    assert (linked.folder / "obj/b.o").exists()


def test_a_dry_run_removes_nothing_and_knows_what_would_follow(linked: Airexec) -> None:
    """As does `status --stale`."""
    os.unlink(linked.folder / "src/b.c")

    assert "2. link (after compile[src/a.c])\n     # source obj/b.o is gone\n" in linked("run", "-n").out
    assert "link" in linked("status", "--stale").out

    assert (linked.folder / "obj/b.o").exists()
    assert {"link"} == ran(linked)


def test_why_tells_a_failure_from_a_first_time(airexec: Airexec) -> None:
    """Both have no success to go by."""
    airexec.write("airexec.yml", "tasks: {t: {sources: a, command: test -e go}}")
    airexec.write("a", "")
    airexec.write("go", "")
    airexec("run")
    assert "it ran because it has no success to go by" in airexec("why", "t").out
    airexec.write("a", "1")
    os.unlink(airexec.folder / "go")
    airexec("run")
    airexec("run")

    assert "it ran because it has not succeeded since it was last started, or was reset" in airexec("why", "t").out


def test_what_up_to_date_tasks_have_queued_is_judged_one_by_one(airexec: Airexec) -> None:
    """With the same ids; one whose source has changed runs, the rest do not."""
    airexec.write(
        "airexec.yml",
        "templates: {copy: {sources: '{{ with.name }}.in', command: 'cp {{ with.name }}.in {{ with.name }}.out',"
        " generates: '{{ with.name }}.out'}}\n"
        "tasks:\n"
        "  find: {sources: list, queue: [copy], command: 'airexec queue --template copy --each name < list'}\n"
        "  all: {dependencies: [find], sources: '*.out', command: 'true'}\n",
    )
    airexec.write("list", "a\nb\n")
    airexec.write("a.in", "1")
    airexec.write("b.in", "1")

    first = ran(airexec)
    assert {"find", "all"} < first
    assert set() == ran(airexec)
    airexec.write("b.in", "2")
    again = ran(airexec)

    assert 2 == len(again)
    assert "all" in again
    assert again < first
