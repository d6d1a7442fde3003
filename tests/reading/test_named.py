"""Which job, run and tasks a command means."""

from pathlib import Path

import pytest

from airexec.errors import UsageError
from airexec.reading.named import existing_task_ids, job_and_tasks, load, named_job, run_folder
from tests.cli.jobs_on_disk import started, task, write_run


@pytest.fixture
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder of the working directory."""
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project" / ".airexec"


def test_a_job_is_named_by_its_name(state_dir: Path) -> None:
    """As an argument or as --job."""
    write_run(state_dir, started("etl", task("load")))
    write_run(state_dir, started("web", task("build")))

    assert named_job("web", None).name == "web"


def test_a_job_is_named_by_its_workflow_file(state_dir: Path) -> None:
    """Whose state may be in another folder than ours."""
    elsewhere = state_dir.parent / "sub"
    elsewhere.mkdir()
    (elsewhere / "flow.yml").write_text("name: web\ntasks: {build: {command: make}}\n")
    job, _ = write_run(elsewhere / ".airexec", started("web", task("build")))

    assert named_job("sub/flow.yml", None).path == job.path


def test_the_job_that_ran_last_is_meant(state_dir: Path) -> None:
    """When none is named."""
    write_run(state_dir, started("web", task("build")))
    write_run(state_dir, started("etl", task("load")))
    write_run(state_dir, started("web", task("build")), seconds_later=1)

    assert "web" == named_job(None, None).name


def test_a_job_of_this_folder_goes_first(state_dir: Path) -> None:
    """In a repository with many workflows `airexec status` is about the one here."""
    write_run(state_dir, started("here", task("build"), folder=str(state_dir.parent)))
    write_run(state_dir, started("elsewhere", task("load")), seconds_later=1)

    assert "here" == named_job(None, None).name


def test_a_job_that_never_ran_is_unknown(state_dir: Path) -> None:
    """The message lists those that did."""
    write_run(state_dir, started("etl", task("load")))

    with pytest.raises(UsageError) as refused:
        named_job("elt", None)

    assert f"no job 'elt' in {state_dir}" == refused.value.headline


def test_a_name_alone_is_a_task_if_the_job_has_it(state_dir: Path) -> None:
    """Also when a job is called so: `airexec logs build`."""
    write_run(state_dir, started("build", task("build")))

    job, tasks = job_and_tasks(["build"], None, None)

    assert ("build", ["build"]) == (job.name, tasks)


def test_a_name_alone_is_else_a_job(state_dir: Path) -> None:
    """`airexec logs etl`."""
    write_run(state_dir, started("etl", task("load")))

    job, tasks = job_and_tasks(["etl"], None, None)

    assert ("etl", []) == (job.name, tasks)


def test_the_first_of_several_names_may_be_the_job(state_dir: Path) -> None:
    """`airexec reset etl load check`."""
    write_run(state_dir, started("etl", task("load")))

    job, tasks = job_and_tasks(["etl", "load", "check"], None, None)

    assert ("etl", ["load", "check"]) == (job.name, tasks)


def test_with_the_option_all_names_are_tasks(state_dir: Path) -> None:
    """`airexec reset --job etl etl`."""
    write_run(state_dir, started("etl", task("load")))

    job, tasks = job_and_tasks(["etl"], "etl", None)

    assert ("etl", ["etl"]) == (job.name, tasks)


def test_the_job_of_another_folder_is_named_by_its_file(state_dir: Path) -> None:
    """`airexec logs sub/flow.yml build`, also where nothing has run."""
    elsewhere = state_dir.parent / "sub"
    elsewhere.mkdir()
    (elsewhere / "flow.yml").write_text("name: web\ntasks: {build: {command: make}}\n")
    write_run(elsewhere / ".airexec", started("web", task("build")))

    job, tasks = job_and_tasks(["sub/flow.yml", "build"], None, None)

    assert ("web", str(elsewhere / ".airexec"), ["build"]) == (job.name, job.state_dir, tasks)


def test_a_file_that_is_not_there_is_no_task(state_dir: Path) -> None:
    """What looks like a file is called one."""
    write_run(state_dir, started("etl", task("load")))

    with pytest.raises(UsageError) as refused:
        job_and_tasks(["sub/flow.yml"], None, None)

    assert "cannot read sub/flow.yml: no such file or directory" == refused.value.headline


def test_a_name_that_is_nothing_is_guessed(state_dir: Path) -> None:
    """The task that it comes close to."""
    write_run(state_dir, started("etl", task("load"), task("merge")))

    with pytest.raises(UsageError) as refused:
        job_and_tasks(["laod"], None, None)

    assert ("'laod' is neither a task of job etl nor a job", "did you mean 'load'?") == (
        refused.value.headline,
        refused.value.hint,
    )


def test_the_newest_run_is_meant(state_dir: Path) -> None:
    """Unless one is named."""
    job, first = write_run(state_dir, started("etl", task("load")))
    _, second = write_run(state_dir, started("etl", task("load")))

    assert second.run_id == run_folder(job, None).run_id
    assert second.run_id == run_folder(job, "latest").run_id
    assert first.run_id == run_folder(job, first.run_id).run_id


def test_a_job_whose_first_run_never_began_has_none(state_dir: Path) -> None:
    """Its scheduler was killed before the first event."""
    job, folder = write_run(state_dir, started("etl", task("load")))
    Path(folder.journal).unlink()

    with pytest.raises(UsageError) as refused:
        run_folder(job, None)

    assert ("job etl has no runs", "`airexec run` starts one") == (refused.value.headline, refused.value.hint)


def test_a_run_may_be_named_by_a_part_of_its_id(state_dir: Path) -> None:
    """Its beginning or its end, if no other run has the same."""
    job, first = write_run(state_dir, started("etl", task("load")))
    write_run(state_dir, started("etl", task("load")))

    with pytest.raises(UsageError) as refused:
        run_folder(job, first.run_id[:8])

    assert f"job etl has several runs like '{first.run_id[:8]}'" == refused.value.headline
    assert first.run_id == run_folder(job, first.run_id[-4:]).run_id


def test_a_run_that_is_not_there_is_refused(state_dir: Path) -> None:
    """The message says where to look."""
    job, _ = write_run(state_dir, started("etl", task("load")))

    with pytest.raises(UsageError) as refused:
        run_folder(job, "1999")

    assert ("job etl has no run '1999'", "`airexec history etl` lists its runs") == (
        refused.value.headline,
        refused.value.hint,
    )


def test_a_bare_name_means_all_instances(state_dir: Path) -> None:
    """Of a matrix, or of what was queued from a template."""
    job, folder = write_run(state_dir, started("ci", task("test[py311]"), task("test[py312]"), task("tests")))

    assert ["test[py311]", "test[py312]"] == existing_task_ids(load(folder).run, "test", job)


def test_an_unknown_task_is_guessed(state_dir: Path) -> None:
    """From the tasks of the run, queued ones included."""
    job, folder = write_run(state_dir, started("etl", task("load")))

    with pytest.raises(UsageError) as refused:
        existing_task_ids(load(folder).run, "laod", job)

    assert (f"run {folder.run_id} has no task 'laod'", "did you mean 'load'?") == (
        refused.value.headline,
        refused.value.hint,
    )
