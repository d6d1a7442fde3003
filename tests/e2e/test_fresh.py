"""Only what changed: which tasks of a real project run after each edit, and what `why` says of it."""

import json
import os
import signal
import subprocess
import time

import pytest

from tests.e2e.rig import Airexec, statuses, wait_until

PROJECT = """\
params: {flags: -O1}
tasks:
  a:
    sources: src/a.c
    generates: obj/a.o
    depfile: obj/a.d
    env: {STYLE: plain}
    command: >-
      mkdir -p obj; cat $(sed 's/.*: //' src/a.inc 2>/dev/null || true) src/a.c > obj/a.o;
      echo "obj/a.o: src/a.c src/common.h" > obj/a.d; echo {{ params.flags }} >> obj/a.o
  b:
    sources: src/b.c
    generates: obj/b.o
    command: mkdir -p obj; grep -v '^#' src/b.c > obj/b.o
  app:
    sources: [obj/*.o]
    generates: {path: bin/app, atomic: true}
    dependencies: [dirs]
    command: cat obj/a.o obj/b.o > "$AIREXEC_OUT"
  dirs:
    sources: []
    generates: bin/.keep
    command: mkdir -p bin; touch bin/.keep
  pack:
    dependencies: [app]
    sources: bin/app
    generates: app.tar
    command: cp bin/app app.tar
"""


EACH = ("each[a.in]", "each[b.in]")


@pytest.fixture
def project(airexec: Airexec) -> Airexec:
    """A project that has been built."""
    airexec.write("airexec.yml", PROJECT)
    for name, text in (("a.c", "a\n"), ("b.c", "b\n"), ("common.h", "h\n")):
        airexec.write(f"src/{name}", text)
    assert 0 == airexec("run").exit_code
    return airexec


def ran(project: Airexec, *arguments: str) -> set[str]:
    """Run, and return which tasks had an attempt."""
    result = project("run", *arguments)
    assert 0 == result.exit_code, result
    tasks = json.loads(project.read(".airexec/jobs/airexec/tasks.json"))
    return {task["id"] for task in tasks if "up_to_date" not in task}


def why(project: Airexec, task: str) -> str:
    return project("why", task).out


def test_nothing_runs_when_nothing_has_changed(project: Airexec) -> None:
    """And each task says so in one line."""
    result = project("run")

    assert 0 == result.exit_code
    assert "= a  up to date\n" in result.out
    assert "5 tasks: 5 up to date (run" in result.out.splitlines()[-1]
    assert dict.fromkeys(("a", "b", "app", "dirs", "pack"), "completed") == statuses(project, "airexec")
    assert "a: completed\n  nothing has changed since attempt 1 of run 2" in why(project, "a")
    assert "up to date since run" in project("status").out


def test_reading_what_another_task_makes_is_a_dependency(project: Airexec) -> None:
    """Which nobody has to write."""
    graph = json.loads(project("graph", "--format", "json").out)

    edges = {(edge["upstream"], edge["downstream"]) for edge in graph["edges"]}
    assert {("a", "app"), ("b", "app"), ("dirs", "app"), ("app", "pack")} <= edges


@pytest.mark.parametrize(
    ("edit", "expected", "task", "reason"),
    [
        ("touch src/a.c src/b.c src/common.h", set(), "", ""),
        ("echo other >> src/a.c", {"a", "app", "pack"}, "a", "source src/a.c has changed"),
        ("echo '# a comment' >> src/b.c", {"b"}, "b", "source src/b.c has changed"),
        ("echo other >> src/common.h", {"a"}, "a", "header src/common.h has changed"),
        ("rm src/common.h", {"a"}, "a", "header src/common.h is gone"),
        ("rm obj/b.o", {"b"}, "b", "product obj/b.o is not there"),
        ("echo x >> obj/b.o", {"b"}, "b", "product obj/b.o has changed"),
        ("echo x >> bin/app", {"app"}, "app", "product bin/app has changed"),
        ("echo new > obj/c.o", {"app"}, "app", "source obj/c.o is new"),
        ("sed -i 's/STYLE: plain/STYLE: other/' airexec.yml", {"a"}, "a", "the variable STYLE has changed"),
        ("sed -i \"s/grep -v/grep -v -e/\" airexec.yml", {"b"}, "b", "the command has changed: -e was"),
        ("sed -i 's/    generates: app.tar/&\\n    cache_key: two/' airexec.yml", {"pack"}, "pack", "cache_key is two"),
        ("sed -i 's/echo {{/echo  {{/' airexec.yml", {"a"}, "a", "the command has changed: its blanks"),
    ],
)  # fmt: skip
def test_what_an_edit_makes_run_and_what_why_says(
    project: Airexec, edit: str, expected: set[str], task: str, reason: str
) -> None:
    """Exactly what has to; and after it nothing."""
    project.write("edit.sh", edit)
    assert 0 == os.system(f"cd {project.folder} && sh edit.sh")

    assert expected == ran(project)
    if task:
        assert f"it ran because {reason}" in why(project, task)
    assert set() == ran(project)


def test_a_param_is_a_part_of_the_command(project: Airexec) -> None:
    assert {"a", "app", "pack"} == ran(project, "-p", "flags=-O2")
    assert "the command has changed: '-O2' was '-O1'" in why(project, "a")
    assert {"a", "app", "pack"} == ran(project)


def test_a_branch_that_is_switched_back_and_forth(project: Airexec) -> None:
    """What was made for the other one is made anew: there is one success to go by."""
    project.write("src/a.c", "other\n")
    assert {"a", "app", "pack"} == ran(project)
    project.write("src/a.c", "a\n")
    assert {"a", "app", "pack"} == ran(project)
    assert set() == ran(project)


def test_forced_tasks_run_whatever_has_changed(project: Airexec) -> None:
    """Those that are named, else all. What is downstream goes by what was made."""
    assert {"b"} == ran(project, "-B", "b")
    assert "it ran because it is forced (-B)" in why(project, "b")
    assert {"a", "b", "app", "dirs", "pack"} == ran(project, "--force")
    assert set() == ran(project)


def test_what_was_reset_runs(project: Airexec) -> None:
    """With what is downstream, which a reset takes along."""
    project("reset", "airexec", "b")

    assert {"b", "app", "pack"} == ran(project)


def test_what_is_stale_is_listed_with_why(project: Airexec) -> None:
    """Without running it."""
    assert "0 of 5 tasks would run\n" == project("status", "--stale").out
    project.write("src/b.c", "other")

    assert (
        "b     source src/b.c has changed\n"
        "app   perhaps: if task b makes something else\n"
        "pack  perhaps: if task app makes something else\n"
        "3 of 5 tasks would run\n"
    ) == project("status", "--stale").out
    as_data = json.loads(project("status", "airexec.yml", "--stale", "--json").out)
    assert {"id": "b", "why": "source src/b.c has changed"} == as_data[0]


def test_a_run_explains_why_each_task_runs(project: Airexec) -> None:
    project.write("src/b.c", "other")

    out = project("run", "--explain").out

    assert "◆ b  runs: source src/b.c has changed\n" in out
    assert "◆ app  runs: source obj/b.o has changed\n" in out
    assert "= a  up to date\n" in out
    assert "◆" not in project("run").out


def test_a_dry_run_says_what_would_run_and_why(project: Airexec) -> None:
    """What it cannot know it says, and nothing is written."""
    assert project("run", "-n").out.count("up to date") == 5
    project.write("src/b.c", "other")
    (project.folder / "app.tar").unlink()
    before = project.read(".airexec/jobs/airexec/built.jsonl")

    lines = project("run", "-n").out.splitlines()

    assert "     # source src/b.c has changed" in lines
    assert "     # perhaps: if task b makes something else" in lines
    assert "     # product app.tar is not there" in lines
    assert 2 == sum(line.endswith("up to date") for line in lines)
    assert before == project.read(".airexec/jobs/airexec/built.jsonl")


def test_a_failed_task_is_not_up_to_date(airexec: Airexec) -> None:
    """Nor what an atomic product would have become; what is half made is gone."""
    airexec.write("airexec.yml", "tasks:\n  a:\n    sources: [in]\n    generates: {path: out, atomic: true}\n"
                  "    command: cat in > $AIREXEC_OUT; test -e good\n")  # fmt: skip
    airexec.write("in", "1")

    assert 1 == airexec("run").exit_code
    assert ["airexec.yml", "in"] == sorted(it.name for it in airexec.folder.iterdir() if not it.name.startswith("."))
    assert 1 == airexec("run").exit_code
    assert "it has not succeeded since it was last started, or was reset" in why(airexec, "a")
    airexec.write("good", "")
    assert 0 == airexec("run").exit_code
    assert "1" == airexec.read("out")
    assert set() == ran(airexec)


def test_an_atomic_product_has_to_be_written(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {a: {generates: {path: out, atomic: true}, command: 'true'}}\n")

    result = airexec("run")

    assert 1 == result.exit_code
    assert f"nothing was written to $AIREXEC_OUT, which becomes {airexec.folder}/out" in result.out


def test_a_killed_attempt_is_not_up_to_date(airexec: Airexec) -> None:
    """Though what it makes be there already."""
    airexec.write("airexec.yml", "tasks: {a: {sources: in, generates: out, command: 'cp in out; touch held; "
                  "while [ ! -e done ]; do sleep 0.05; done'}}\n")  # fmt: skip
    airexec.write("in", "1")
    airexec.write("done", "")
    assert 0 == airexec("run").exit_code
    airexec.write("in", "2")
    (airexec.folder / "done").unlink()
    (airexec.folder / "held").unlink()
    running = airexec.start("run")
    airexec.wait_for_file("held")
    running.send_signal(signal.SIGKILL)
    running.wait()
    airexec.write("done", "")
    airexec.write("in", "1")

    assert {"a"} == ran(airexec)


def test_a_source_that_changes_while_it_is_read_is_not_taken_for_what_was_read(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {a: {sources: in, generates: out, command: 'cp in out; touch held; "
                  "while [ ! -e done ]; do sleep 0.05; done'}}\n")  # fmt: skip
    airexec.write("in", "1")
    running = airexec.start("run")
    airexec.wait_for_file("held")
    airexec.write("in", "2")
    airexec.write("done", "")
    running.wait()

    assert {"a"} == ran(airexec)
    assert "source in has changed while the task ran" in why(airexec, "a")
    assert "2" == airexec.read("out")


def test_outputs_of_the_last_success_serve_templates(airexec: Airexec) -> None:
    """And what a task had queued comes again, each judged on its own."""
    airexec.write("airexec.yml", """\
        templates:
          each:
            sources: "{{ with.name }}"
            generates: "{{ with.name }}.out"
            command: cp {{ with.name }} {{ with.name }}.out
        tasks:
          list:
            sources: "*.in"
            queue: [each]
            command: |
              ls *.in | airexec queue --template each --each name
              echo "::output {\\"number\\": $(ls *.in | wc -l)}"
          say: {dependencies: list, sources: "*.out", command: "echo {{ tasks.list.outputs.number }} >> said"}
        """)  # fmt: skip
    airexec.write("a.in", "a")
    airexec.write("b.in", "b")
    assert {"list", "say", *EACH} == ran(airexec)

    assert set() == ran(airexec)
    assert {"list", "say", *EACH} == statuses(airexec, "airexec").keys()
    airexec.write("a.in.out", "edited")
    assert {EACH[0]} == ran(airexec)
    assert ["2"] == airexec.read("said").split()


def test_an_upstream_that_says_nothing_makes_its_downstream_run(airexec: Airexec) -> None:
    """Unless that says that it only wants to come later."""
    airexec.write(
        "airexec.yml",
        """\
        tasks:
          phony: {command: "true"}
          a: {sources: in, dependencies: [phony], command: "true"}
          b: {sources: in, dependencies: [{task: phony, order_only: true}], command: "true"}
        """,
    )
    airexec.write("in", "")
    ran(airexec)

    assert {"phony", "a"} == ran(airexec)
    assert "it ran because task phony has run since" in why(airexec, "a")


def test_a_changed_secret_makes_it_run_and_stands_nowhere(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "secrets: [TOKEN]\ntasks: {a: {sources: in, command: 'echo $TOKEN > out'}}\n")
    airexec.write("in", "")
    env = {"TOKEN": "first-secret-value"}
    assert 0 == airexec("run", env=env).exit_code

    assert "1 up to date" in airexec("run", env=env).out
    assert "1 completed" in airexec("run", env={"TOKEN": "other-secret-value"}).out
    assert "it ran because a secret has changed" in why(airexec, "a")
    built = airexec.read(".airexec/jobs/airexec/built.jsonl")
    assert "secret-value" not in built


def test_a_bad_depfile_is_said_and_the_task_runs_again(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {a: {depfile: a.d, command: 'echo nothing > a.d'}}\n")

    result = airexec("run")

    assert 0 == result.exit_code
    assert "depfile a.d, line 1: a rule is expected, such as  main.o: main.c main.h" in result.out + result.err
    assert {"a"} == ran(airexec)


def test_sources_of_many_megabytes_hold_up_no_timeout(airexec: Airexec) -> None:
    """They are read beside the loop."""
    airexec.write("airexec.yml", "max_active_tasks: 2\ntasks:\n  big: {sources: big, command: 'true'}\n"
                  "  slow: {execution_timeout: 300ms, command: sleep 30}\n")  # fmt: skip
    with open(airexec.folder / "big", "wb") as file:
        file.truncate(300 << 20)
    airexec("run")
    os.utime(airexec.folder / "big")

    airexec("run")

    tasks = {task["id"]: task for task in json.loads(airexec.read(".airexec/jobs/airexec/tasks.json"))}
    assert "up_to_date" in tasks["big"]
    assert "timeout" == tasks["slow"]["reason"]
    assert tasks["slow"]["duration"] < 2


def test_a_project_that_is_moved_is_as_up_to_date_as_before(project: Airexec) -> None:
    moved = project.folder.parent / "moved"
    os.rename(project.folder, moved)
    project.folder = moved

    assert set() == ran(project)


def test_what_stands_in_the_record_for_no_reason_is_left_out(project: Airexec) -> None:
    """A line that is torn, or not ours, makes a task run once more and harms nothing else."""
    path = project.folder / ".airexec/jobs/airexec/built.jsonl"
    lines = [line for line in path.read_text().splitlines() if line]
    path.write_text("\n".join([*lines[:-1], lines[-1][:-20]]))

    first = ran(project)

    assert len(first) <= 1
    assert set() == ran(project)
    wait_until(path.exists, "the record")


def test_records_that_cannot_be_written_end_the_run_with_a_word(project: Airexec) -> None:
    """Nothing goes on whose success nobody could remember."""
    path = project.folder / ".airexec/jobs/airexec/built.jsonl"
    path.unlink()
    path.mkdir()

    result = project("run")

    assert 74 == result.exit_code
    assert f"cannot write {path}: Is a directory" in result.err


def test_what_a_killed_attempt_has_half_made_is_gone_before_the_next(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {a: {generates: {path: out, atomic: true}, command: 'cat >> $AIREXEC_OUT'}}\n")
    airexec.write(".out.airexec", "half")

    assert 0 == airexec("run").exit_code
    assert "" == airexec.read("out")


BY_FILE = """\
tasks:
  compile:
    matrix: {src: {files: [src/*.c, "!src/skip.c"]}}
    sources: "{{ matrix.src }}"
    generates: "obj/{{ matrix.src | basename | with_suffix('.o') }}"
    command: mkdir -p obj; cp {{ matrix.src }} obj/{{ matrix.src | basename | with_suffix('.o') }}
  link:
    sources: obj/*.o
    generates: app
    command: cat obj/*.o > app
"""


def test_a_matrix_makes_a_task_for_each_file(airexec: Airexec) -> None:
    """And the next run notices a file that came or went."""
    airexec.write("airexec.yml", BY_FILE)
    for name in ("a", "b", "skip"):
        airexec.write(f"src/{name}.c", name)
    assert {"compile[src/a.c]", "compile[src/b.c]", "link"} == ran(airexec)
    assert set() == ran(airexec)

    airexec.write("src/new.c", "new")
    assert {"compile[src/new.c]", "link"} == ran(airexec)
    assert "abnew" == airexec.read("app")
    (airexec.folder / "src/a.c").unlink()
    (airexec.folder / "obj/a.o").unlink()
    assert {"link"} == ran(airexec)
    assert "bnew" == airexec.read("app")
    os.rename(airexec.folder / "src/b.c", airexec.folder / "src/c.c")
    (airexec.folder / "obj/b.o").unlink()
    assert {"compile[src/c.c]", "link"} == ran(airexec)


def test_a_matrix_of_files_that_match_nothing_is_an_error(airexec: Airexec) -> None:
    airexec.write("airexec.yml", BY_FILE)

    result = airexec("run")

    assert 3 == result.exit_code
    assert f"airexec.yml:3:19: error: no file matches src/*.c, !src/skip.c in {airexec.folder}\n" in result.err


def test_a_file_that_a_matrix_names_has_to_be_there(airexec: Airexec) -> None:
    """Though others are; a typo would leave it out without a word. Braces are for shells."""
    airexec.write(
        "airexec.yml",
        "tasks:\n  t:\n    command: x {{ matrix.f }}\n    matrix: {f: {files: ['*.c', nothere.c, '{a,b}.c']}}\n",
    )
    airexec.write("a.c", "")

    result = airexec("validate")

    said = result.out + result.err
    assert f"airexec.yml:4:17: error: no file nothere.c is in {airexec.folder}\n" in said
    assert "airexec.yml:4:17: error: braces mean nothing in {a,b}.c\n" in said


def test_clean_removes_what_was_made_and_nothing_else(project: Airexec) -> None:
    """Shows it first; without a terminal it has to be said that it is meant."""
    refused = project("clean")
    assert 2 == refused.exit_code
    assert "there is nobody to ask whether these files are to be removed\n  hint: say so: -y" in refused.err
    products = ["app.tar", "bin/.keep", "bin/app", "obj/a.o", "obj/b.o"]
    assert products == refused.out.splitlines()

    assert [*products, "removed 5 files"] == project("clean", "-y").out.splitlines()
    assert ["src/a.c", "src/b.c", "src/common.h"] == [
        f"src/{name}" for name in sorted(os.listdir(project.folder / "src"))
    ]
    assert "there is nothing to remove" in project("clean", "-y").err
    assert {"a", "b", "app", "dirs", "pack"} == ran(project)
    assert "obj/b.o\nremoved 1 file\n" == project("clean", "b", "-y").out


def test_clean_leaves_alone_what_it_should_not_touch(airexec: Airexec) -> None:
    """A source, what is outside, what is behind a link; and says so."""
    airexec.write(
        "w/airexec.yml",
        """\
        tasks:
          a: {generates: ["*.txt", "../outside", "link/file", made], command: touch a.txt ../outside link/file made}
          b: {sources: [hand.txt, made], command: "true"}
        """,
    )
    airexec.write("w/hand.txt", "by hand")
    (airexec.folder / "elsewhere").mkdir()
    (airexec.folder / "w/link").symlink_to("../elsewhere")
    assert 0 == airexec("run", "w/airexec.yml").exit_code

    lines = airexec("clean", "w/airexec.yml", "-y").out.splitlines()

    assert [
        f"outside  left alone: it is outside of {airexec.folder}/w",
        "w/a.txt",
        "w/hand.txt  left alone: it is a source of b",
        "w/link/file  left alone: it is behind a symbolic link",
        "w/made",
        "removed 2 files",
    ] == lines
    assert "by hand" == airexec.read("w/hand.txt")
    assert (airexec.folder / "outside").exists()


def test_what_a_silent_upstream_did_in_an_earlier_run_is_not_forgotten(airexec: Airexec) -> None:
    """Though it be up to date by now: whoever needs it has not seen that yet."""
    airexec.write(
        "airexec.yml",
        """\
        tasks:
          gen: {sources: a, command: "cp a hidden"}
          tool: {sources: a, generates: made, command: "cp a made"}
          use: {dependencies: [gen], sources: b, generates: o, command: "cat b hidden > o"}
          by-tool: {dependencies: [tool], sources: b, generates: p, command: "cat b made > p"}
        """,
    )
    airexec.write("a", "1")
    airexec.write("b", "b")
    ran(airexec)
    airexec.write("a", "2")
    assert {"gen", "tool"} == ran(airexec, "gen", "tool")

    assert {"use", "by-tool"} == ran(airexec)
    assert "it ran because task gen has run since" in why(airexec, "use")
    assert "b2" == airexec.read("o") == airexec.read("p")
    assert set() == ran(airexec)
    assert {"gen", "tool"} == ran(airexec, "-B", "gen", "tool")
    assert {"use"} == ran(airexec), "the tool has made the same"


def test_a_depfile_that_is_new_makes_the_task_run(airexec: Airexec) -> None:
    """And what it names counts, also what is not there yet, or will be changed in the future."""
    text = "tasks: {t: {sources: a, generates: o, command: 'cp a o; echo o: a h later > d'}}\n"
    airexec.write("airexec.yml", text)
    for name in "ah":
        airexec.write(name, name)
    ran(airexec)
    airexec.write("airexec.yml", text.replace("generates", "depfile: d, generates"))
    assert {"t"} == ran(airexec)
    assert "`depfile` has changed" in why(airexec, "t")

    os.utime(airexec.folder / "h", (4e9, 4e9))
    assert set() == ran(airexec)
    airexec.write("h", "other")
    os.utime(airexec.folder / "h", (4e9, 4e9))
    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)
    airexec.write("later", "")
    assert {"t"} == ran(airexec)
    assert "header later is new" in why(airexec, "t")


def test_a_header_that_the_task_makes_itself_and_products_among_its_sources(airexec: Airexec) -> None:
    """Are no reason to run again."""
    airexec.write("airexec.yml", "tasks: {t: {sources: 's/**', generates: [s/o, s/g.h], depfile: d, "
                  "command: 'echo > s/g.h; cp s/a s/o; echo s/o: s/a s/g.h > d'}}\n")  # fmt: skip
    airexec.write("s/a", "a")

    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)


def test_a_name_that_looks_like_a_glob_is_a_name_where_there_is_such_a_file(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {t: {sources: 'x[1].c', generates: 'y[1].o', command: 'cp x* \"y[1].o\"'}}\n")
    airexec.write("x[1].c", "1")
    ran(airexec)
    airexec.write("x[1].c", "2")

    assert {"t"} == ran(airexec)
    assert set() == ran(airexec)


def test_a_path_through_a_link_is_not_what_it_looks_like(airexec: Airexec) -> None:
    (airexec.folder / "else/deep").mkdir(parents=True)
    (airexec.folder / "link").symlink_to("else/deep")
    airexec.write("else/h", "1")
    airexec.write("airexec.yml", "tasks: {t: {sources: link/../h, command: 'true'}}\n")
    ran(airexec)
    airexec.write("else/h", "2")

    assert {"t"} == ran(airexec)


def test_what_a_task_should_have_read_or_made_and_is_not_there_is_said(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {t: {sources: mian.c, generates: o, command: 'true'}}\n")

    said = airexec("run").out

    assert "warning: no source mian.c is there" in said
    assert "warning: it has not made o, so it will run again next time" in said


def test_a_path_that_holds_a_secret_is_not_written_down(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "secrets: [TOK]\nparams: {z: ''}\n"
                  "tasks: {t: {sources: 'src-{{ params.z }}', command: 'true'}}\n")  # fmt: skip
    airexec.write("src-hunter2hunter2", "")

    result = airexec("run", "-p", "z=hunter2hunter2", env={"TOK": "hunter2hunter2"})

    assert "the path of a file holds a secret, so the task will run again next time" in result.out
    assert "hunter2" not in airexec.read(".airexec/jobs/airexec/built.jsonl")


@pytest.mark.parametrize("what", ["folder", "fifo", "values"])
def test_a_record_that_is_none_is_no_bug_of_ours(project: Airexec, what: str) -> None:
    path = project.folder / ".airexec/jobs/airexec/built.jsonl"
    if what == "values":
        lines = [json.loads(line) for line in path.read_text().splitlines() if line]
        path.write_text("".join(json.dumps({**line, "outputs": 5, "queued": 5}) + "\n" for line in lines))
        assert 5 == len(ran(project))
        return
    path.unlink()
    path.mkdir() if what == "folder" else os.mkfifo(path)

    assert 74 == project("run").exit_code


def test_an_atomic_product_is_a_file(airexec: Airexec) -> None:
    airexec.write("airexec.yml", "tasks: {t: {generates: {path: d, atomic: true}, command: mkdir $AIREXEC_OUT}}\n")

    assert f"$AIREXEC_OUT is a folder, and {airexec.folder}/d is to be a file" in airexec("run").out


@pytest.mark.parametrize("room", ["pools: {db: 1}\ndefault_args: {pool: db}\n", "max_active_tasks: 1\n"])
def test_who_is_up_to_date_waits_for_no_slot(airexec: Airexec, room: str) -> None:
    """Nor does what follows from that. A full pool is for those who run."""
    text = room + (
        "tasks:\n"
        "  slow: {sources: a, priority_weight: 9, command: 'until [ -e go ]; do sleep 0.02; done'}\n"
        "  kept: {sources: b, command: 'true'}\n"
        "  too: {sources: b, dependencies: [kept], command: 'true'}\n"
        "  stale: {sources: c, command: 'true'}\n"
    )
    airexec.write("airexec.yml", text)
    for name in "abc":
        airexec.write(name, name)
    airexec.write("go", "")
    ran(airexec)
    os.unlink(airexec.folder / "go")
    airexec.write("a", "other")
    airexec.write("c", "other")

    process = airexec.start("run")
    expected = {"slow": "running", "kept": "completed", "too": "completed", "stale": "pending"}
    wait_until(lambda: statuses(airexec, "airexec") == expected, "who needs no slot is done")
    airexec.write("go", "")
    assert 0 == process.wait(30)

    tasks = json.loads(airexec.read(".airexec/jobs/airexec/tasks.json"))
    assert ["kept", "too"] == [task["id"] for task in tasks if "up_to_date" in task]
    assert "completed" == statuses(airexec, "airexec")["stale"]


def still(project: Airexec) -> None:
    """Let it be long enough ago that anything was written, and have a run find out that nothing is to be done."""
    old = time.time() - 60
    for path in project.folder.rglob("*"):
        if path.is_file() and ".airexec" not in path.parts and ".bin" not in path.parts:
            os.utime(path, (old, old))
    wait_until(lambda: project("run") and "nothing to do" in project("run").out, "the changes to be long enough ago")


def test_a_run_of_what_stands_still_need_not_begin(project: Airexec) -> None:
    """It says so, and is no run of its own; everything that it goes by is looked at each time."""
    still(project)
    runs = len(list((project.folder / ".airexec/jobs/airexec/runs").iterdir()))

    assert project("run").out.startswith("airexec: nothing to do: 5 tasks: 5 up to date (run 2")
    assert runs == len(list((project.folder / ".airexec/jobs/airexec/runs").iterdir()))
    assert {"a"} == ran(project, "-B", "a")


@pytest.mark.parametrize(
    ("edit", "arguments", "expected"),
    [
        ("echo other > src/b.c", (), {"b", "app", "pack"}),
        ("rm app.tar", (), {"pack"}),
        ("echo x >> src/common.h", (), {"a"}),
        ("echo new > obj/c.o", (), {"app"}),
        ("sed -i 's/plain/other/' airexec.yml", (), {"a"}),
        ("true", ("-p", "flags=-O3"), {"a", "app", "pack"}),
        ("airexec reset airexec pack", (), {"pack"}),
    ],
)
def test_what_does_not_stand_still_runs(
    project: Airexec, edit: str, arguments: tuple[str, ...], expected: set[str]
) -> None:
    still(project)
    project.write("edit.sh", edit)
    subprocess.run(["sh", "edit.sh"], cwd=project.folder, env=project.environment(), check=True)

    assert expected == ran(project, *arguments)


def test_a_file_that_a_matrix_makes_a_task_of_ends_a_standstill(airexec: Airexec) -> None:
    airexec.write("airexec.yml", BY_FILE)
    airexec.write("src/a.c", "a")
    ran(airexec)
    still(airexec)
    airexec.write("src/new.c", "new")

    assert {"compile[src/new.c]", "link"} == ran(airexec)


@pytest.mark.parametrize("names", [["src/b.c"], ["obj/a.o", "src/common.h", "app.tar"]])
def test_what_was_touched_is_read_and_no_run_begins(project: Airexec, names: list[str]) -> None:
    """A source, a header or a product, as a checkout of another branch and back leaves them."""
    still(project)
    for name in names:
        path = project.folder / name
        path.write_bytes(path.read_bytes())

    assert "nothing to do" in project("run").out
    assert "nothing to do" in project("run").out


def test_what_has_changed_to_something_as_long_is_noticed(project: Airexec) -> None:
    """Its size tells nothing then."""
    still(project)
    project.write("src/b.c", "c\n")

    assert {"b", "app", "pack"} == ran(project)


def test_many_files_that_were_touched_are_for_a_run(airexec: Airexec) -> None:
    """Which notes that they are the same, so that nobody reads them again."""
    airexec.write("airexec.yml", "tasks: {count: {sources: src, generates: n, command: 'ls src | wc -l > n'}}\n")
    for number in range(101):
        airexec.write(f"src/{number}", "x")
    ran(airexec)
    still(airexec)
    for number in range(101):
        os.utime(airexec.folder / f"src/{number}", (1, 1))

    assert "nothing to do" not in (result := airexec("run")).out
    assert "1 task: 1 up to date" in result.out


def test_another_environment_is_another_run(project: Airexec) -> None:
    """A template may use it."""
    still(project)

    assert "nothing to do" not in project("run", env={"SOMETHING": "else"}).out
    assert "nothing to do" not in project("run", "--json").out
