"""Every example does what its first lines say. The real program, in a copy of the folder."""

import json
from pathlib import Path

from tests.e2e.rig import DEADLINE_SECONDS, ROOT, Airexec, load_tasks, statuses, wait_until

HERE = Path(__file__).parent


def test_no_example_goes_untested() -> None:
    """Each stands by its path in a test of this folder."""
    examples = [*ROOT.glob("examples/*.yml"), *ROOT.glob("examples/*/*.yml")]
    tests = "".join(path.read_text() for path in HERE.glob("test_*.py"))

    untested = [path.name for path in examples if f'"{path.relative_to(ROOT)}"' not in tests]

    assert [] == untested


def test_every_example_is_a_good_file_and_says_what_to_look_at() -> None:
    """The first line is for editors, then comes a comment with commands."""
    for path in [*ROOT.glob("examples/*.yml"), *ROOT.glob("examples/*/*.yml")]:
        first, _, rest = path.read_text().partition("\n")
        schema = path.parent / first.removeprefix("# yaml-language-server: $schema=")
        comment = rest.partition("\nname:")[0]

        assert ROOT / "schemas" / "workflow.schema.json" == schema.resolve()
        assert f"airexec run {path.relative_to(ROOT)}" in comment
        assert "look" in comment.lower() or path.name == "hello.yml"


def test_hello_greets_and_says_goodbye_last(airexec: Airexec) -> None:
    """The value on the command line is hostile, and stays a value."""
    result = airexec("run", "examples/hello.yml", "-p", "who=you; $HOME")

    started = [task["started_at"] for task in load_tasks(airexec, "hello").values()]
    assert (0, "") == (result.exit_code, result.err)
    assert "goodbye, you; $HOME (10 letters)\n" == log(airexec, "hello", "goodbye")
    assert max(started) == started[2]


def test_matrix_is_drawn_as_one_node(airexec: Airexec) -> None:
    """With the worst status of its instances, and how many have which."""
    path = "examples/matrix.yml"
    airexec("run", path)

    drawn, of_run = airexec("graph", "--fold", path), airexec("graph", "--fold", "--run", "latest")
    assert "test (6)" in [line.split("○ ")[1].split("  ")[0] for line in drawn.out.splitlines()[1:]]
    assert "✔ test (6)  6 completed" in of_run.out


def test_clean_only_runs_when_it_is_named(airexec: Airexec) -> None:
    """A run that names nothing takes the default and what it needs."""
    path = "examples/default-and-manual.yml"

    bare, built = airexec("run", path), (airexec.folder / "examples/out/greeting").exists()
    clean = airexec("run", path, "clean")

    assert ((0, ""), True) == ((bare.exit_code, bare.err), built)
    assert 0 == clean.exit_code
    assert {"clean": "completed"} == statuses(airexec, "default-and-manual")
    assert not (airexec.folder / "examples/out").exists()


def test_every_day_has_its_order_its_words_and_its_params(airexec: Airexec) -> None:
    """As its first lines have them."""
    path = "examples/every-day.yml"

    both = airexec("run", path, "fmt", "lint")
    started = {id_: task["started_at"] for id_, task in load_tasks(airexec, "every-day").items()}
    lint = airexec("run", path, "lint")
    alone = statuses(airexec, "every-day")
    test = airexec("run", path, "test", "--", "-k", "two words")
    words = log(airexec, "every-day", "test")
    asked, deploy = airexec("run", path, "deploy"), airexec("run", path, "deploy", "-p", "ip=10.0.0.7")

    assert [0, 0, 0, 2, 0] == [one.exit_code for one in (both, lint, test, asked, deploy)]
    assert started["fmt"] <= started["lint"]
    assert {"lint": "completed"} == alone
    assert "<testing> <-k> <two words> " == words
    assert "airexec: error: param 'ip' is required: -p ip=…\n" in asked.err
    assert "bringing it to 10.0.0.7:22\n" == log(airexec, "every-day", "deploy")
    assert "      -p ip=…  string, required: Where to\n" in airexec("list", path).out


def test_a_second_run_builds_what_the_first_waits_for(airexec: Airexec) -> None:
    """Two of one job are at work at once."""
    path = "examples/default-and-manual.yml"

    first = airexec.start("run", path, "watch")
    wait_until((airexec.folder / ".airexec/jobs/default-and-manual/lock.1").exists, "the first run")
    second = airexec("run", path)
    out, _ = first.communicate(timeout=DEADLINE_SECONDS)

    assert (0, 0) == (second.exit_code, first.returncode)
    assert "hello" in out


def test_the_parts_of_a_project_are_nodes_of_one_run(airexec: Airexec) -> None:
    """And a run of their own in their folders."""
    for one in (ROOT / "examples/monorepo").rglob("*"):
        if one.is_file():
            airexec.write(str(one.relative_to(ROOT)), one.read_text())
    path = "examples/monorepo/workflow.yml"

    whole = airexec("run", path)
    tasks = statuses(airexec, "monorepo")
    part = airexec("run", path, "api.test", "-p", "greeting=ho")
    alone = airexec("-C", "examples/monorepo/api", "run")

    assert [0, 0, 0] == [whole.exit_code, part.exit_code, alone.exit_code]
    assert ["api.build", "api.test", "web[en].page", "web[de].page", "release"] == list(tasks)
    assert "1.2, 6 bytes" in whole.out
    assert "ho\n" != airexec.read("examples/monorepo/api/out/greeting") == "hi\n"


def test_what_is_included_is_part_of_the_workflow(airexec: Airexec) -> None:
    """Its template, its task and its environment; the var is that of the file itself. A change is noticed."""
    path, shared = "examples/include/workflow.yml", airexec.folder / "examples/include/shared"
    result = airexec("run", path)
    letter = airexec.read("examples/include/out/letter.txt")

    (shared / "env.yml").write_text((shared / "env.yml").read_text().replace("hello", "good morning"))
    again = airexec("run", path)

    assert ((0, ""), "hello, readers\n") == ((result.exit_code, result.err), letter)
    assert (0, "good morning, readers\n") == (again.exit_code, airexec.read("examples/include/out/letter.txt"))


def test_matrix_makes_six_tests_of_one(airexec: Airexec) -> None:
    """One combination is excluded, one is added, one has a value more."""
    result = airexec("run", "examples/matrix.yml")

    tests = [task for task in statuses(airexec, "matrix") if task.startswith("test")]
    assert (0, "") == (result.exit_code, result.err)
    assert [
        "test[3.11,linux]",
        "test[3.12,linux]",
        "test[3.12,macos]",
        "test[3.13,linux]",
        "test[3.13,macos]",
        "test[3.14,linux]",
    ] == tests
    assert "testing 3.13 on linux with coverage\n" == log(airexec, "matrix", "test[3.13,linux]")
    assert "testing 3.13 on macos\n" == log(airexec, "matrix", "test[3.13,macos]")
    assert "all have passed, publishing app-linux.zip app-macos.zip\n" == log(airexec, "matrix", "publish")
    assert "soaking shard 3 of 3\n" == log(airexec, "matrix", "soak[3]")
    assert "soak[3] (Part 3 of 3): completed\n" == airexec("why", "matrix", "soak[3]").out[:33]


def test_one_instance_of_a_matrix_can_be_run(airexec: Airexec) -> None:
    """And what it needs."""
    result = airexec("run", "examples/matrix.yml", "test[3.12,macos]")

    assert 0 == result.exit_code
    assert {"build": "completed", "test[3.12,macos]": "completed"} == statuses(airexec, "matrix")


def test_conditions_keep_tasks_from_running(airexec: Airexec) -> None:
    """The key is missing, there are no docs, nothing is new, findings are allowed."""
    result = airexec("run", "examples/conditions.yml")

    assert 1 == result.exit_code
    assert {
        "sign": "failed",
        "docs": "skipped",
        "publish": "skipped",
        "fetch": "skipped",
        "load": "skipped",
        "audit": "failed",
    } == statuses(airexec, "conditions")
    assert (
        "run `airexec run examples/conditions.yml make-key` first" == load_tasks(airexec, "conditions")["sign"]["error"]
    )
    assert "precondition: test -s out/key.pem" in airexec("why", "sign", "--job", "conditions").out


def test_conditions_hold_once_the_key_is_there(airexec: Airexec) -> None:
    """All runs, and the second time nothing is to be published."""
    arguments = "run", "examples/conditions.yml", "-p", "docs=manual", "-p", "news=true"
    airexec("run", "examples/conditions.yml", "make-key")

    first = airexec(*arguments), statuses(airexec, "conditions")
    airexec(*arguments)

    assert 0 == first[0].exit_code
    assert {"audit": "failed"} == {task: status for task, status in first[1].items() if status != "completed"}
    assert "skipped" == statuses(airexec, "conditions")["publish"]


def test_a_param_says_which_instances_there_are(airexec: Airexec) -> None:
    """Those of the default are gone."""
    result = airexec("run", "examples/matrix.yml", "pack", "-p", 'systems=["linux"]')

    assert 0 == result.exit_code
    assert ["build", "test[3.13,linux]", "pack[linux]"] == list(statuses(airexec, "matrix"))


def test_a_matching_instance_is_all_that_is_needed(airexec: Airexec) -> None:
    """Of another matrix."""
    result = airexec("run", "examples/matrix.yml", "pack[macos]")

    assert 0 == result.exit_code
    assert ["build", "test[3.13,macos]", "pack[macos]"] == list(statuses(airexec, "matrix"))


def test_retries_and_rules_when_all_is_well(airexec: Airexec) -> None:
    """fetch needs three attempts, lint may fail, what waits for a failure is skipped."""
    result = airexec("run", "examples/retries-and-rules.yml")

    assert 0 == result.exit_code
    assert {
        "fetch": "completed",
        "lint": "failed",
        "deploy": "completed",
        "announce": "skipped",
        "roll-back": "skipped",
        "escalate": "skipped",
        "clean-up": "completed",
    } == statuses(airexec, "retries-and-rules")
    assert 3 == load_tasks(airexec, "retries-and-rules")["fetch"]["attempt"]


def test_retries_and_rules_with_fewer_tries(airexec: Airexec) -> None:
    result = airexec("run", "examples/retries-and-rules.yml", "-p", "tries=1")

    fetch = load_tasks(airexec, "retries-and-rules")["fetch"]
    assert (1, "failed", 2) == (result.exit_code, fetch["status"], fetch["attempt"])


def test_retries_and_rules_when_deploy_fails(airexec: Airexec) -> None:
    """The run has failed, though everything after deploy went well."""
    result = airexec("run", "examples/retries-and-rules.yml", "-p", "healthy=false")

    assert 1 == result.exit_code
    assert {
        "fetch": "completed",
        "lint": "failed",
        "deploy": "failed",
        "announce": "upstream_failed",
        "roll-back": "completed",
        "escalate": "completed",
        "clean-up": "completed",
    } == statuses(airexec, "retries-and-rules")
    assert "deploy is failed, roll-back is completed\n" == log(airexec, "retries-and-rules", "clean-up")


def test_etl_hands_typed_values_on(airexec: Airexec) -> None:
    """What was loaded adds up: three products a day."""
    result = airexec("run", "examples/etl/workflow.yml", "-p", "region=us", "-p", "days=5")

    loaded = json.loads(airexec.read("examples/etl/out/us.json"))
    assert (0, "") == (result.exit_code, result.err)
    assert 15 == loaded["orders"]
    assert {"tea", "coffee", "cocoa"} == set(loaded["by_product"])
    assert sum(loaded["by_product"].values()) == loaded["sold"]


def test_etl_with_nothing_to_load_skips_load(airexec: Airexec) -> None:
    """And still reports."""
    result = airexec("run", "examples/etl/workflow.yml", "-p", "days=0")

    assert 0 == result.exit_code
    assert "skipped" == statuses(airexec, "etl")["load"]
    assert "0 orders, nothing sold\n" == log(airexec, "etl", "report")


def test_etl_refuses_a_parameter_of_the_wrong_type(airexec: Airexec) -> None:
    """Before anything runs."""
    result = airexec("run", "examples/etl/workflow.yml", "-p", "days=many")

    assert 2 == result.exit_code
    assert not (airexec.folder / ".airexec").exists()


def test_crawl_adds_up_a_tree_of_unknown_depth(airexec: Airexec) -> None:
    """Four folders deep; one folder is empty, a link leads back to the root and is not followed."""
    for name, size in {"a": 1, "one/b": 20, "one/two/c": 300, "one/two/three/d": 4000}.items():
        airexec.write(f"tree/{name}", "x" * size)
    (airexec.folder / "tree/empty").mkdir()
    (airexec.folder / "tree/one/back").symlink_to(airexec.folder / "tree")

    result = airexec("run", "examples/crawl/workflow.yml", "-p", f"tree={airexec.folder}/tree")

    tasks = load_tasks(airexec, "crawl")
    visits = {"visit[empty]": "start", "visit[one]": "start", "visit[one/two]": "visit[one]"}
    assert (0, "") == (result.exit_code, result.err)
    assert "4321 bytes in 4 files of 5 folders\n" == log(airexec, "crawl", "total")
    assert {**visits, "visit[one/two/three]": "visit[one/two]"} == {
        task_id: task["queued_by"] for task_id, task in tasks.items() if task["queued_by"]
    }


def test_ci_builds_and_does_not_publish_unasked(airexec: Airexec) -> None:
    """The report says so."""
    result = airexec("run", "examples/ci/workflow.yml")

    assert 0 == result.exit_code
    assert "publish  skipped\n" == log(airexec, "ci-example", "report")[-17:]
    assert (airexec.folder / "examples/ci/out/greeter.pyz").exists()
    assert not (airexec.folder / "examples/ci/out/published.pyz").exists()


def test_ci_does_what_is_fast(airexec: Airexec) -> None:
    """By a tag; the tests are one line of the list."""
    result = airexec("run", "examples/ci/workflow.yml", "--tag", "fast")
    listed = airexec("list", "examples/ci/workflow.yml", "--tag", "fast")

    assert 0 == result.exit_code
    assert ["lint", "test[words]", "test[program]"] == list(statuses(airexec, "ci-example"))
    assert ["lint", "test[…]"] == [line.split()[0] for line in listed.out.splitlines()[3:]]


def test_ci_publishes_when_asked(airexec: Airexec) -> None:
    """What it publishes is what it built."""
    result = airexec("run", "examples/ci/workflow.yml", "-p", "publish=true")

    out = airexec.folder / "examples/ci/out"
    assert 0 == result.exit_code
    assert (out / "greeter.pyz").read_bytes() == (out / "published.pyz").read_bytes()
    assert "publishing without a token\n" == log(airexec, "ci-example", "publish")


def test_ci_takes_the_token_from_its_env_file_and_hides_it(airexec: Airexec) -> None:
    airexec.write("examples/ci/.env", "PUBLISH_TOKEN=t0ken-of-the-desk\n")

    result = airexec(
        "run", "examples/ci/workflow.yml", "-p", "publish=true", env={"PUBLISH_TOKEN": "t0ken-of-the-shell"}
    )

    assert 0 == result.exit_code
    assert "publishing ***\n" == log(airexec, "ci-example", "publish")


def test_ci_fails_with_a_failing_test_and_reports_all_the_same(airexec: Airexec) -> None:
    """Somebody broke the greeting."""
    airexec.write("examples/ci/greeter/words.py", "def greeting(name): return 'bye'\n")

    result = airexec("run", "examples/ci/workflow.yml")

    assert 1 == result.exit_code
    assert [
        "lint     completed",
        "words    failed",
        "program  failed",
        "build    upstream_failed",
        "publish  upstream_failed",
    ] == log(airexec, "ci-example", "report").splitlines()


def log(airexec: Airexec, job: str, task: str) -> str:
    """Return what the last attempt of a task printed."""
    return airexec.read(f".airexec/jobs/{job}/{load_tasks(airexec, job)[task]['log']}")
