"""Which state folders are refused because somebody else could have a hand in them."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path

import pytest

from airexec.errors import StateUnwritableError
from airexec.state.layout import JobFolder
from airexec.state.safety import check_folder, trusted_owners

NOON = 1_795_262_400.0
FOLDERS: dict[str, Callable[[JobFolder], str]] = {
    "state": lambda job: job.state_dir,
    "jobs": lambda job: f"{job.state_dir}/jobs",
    "job": lambda job: job.path,
    "runs": lambda job: job.runs,
}


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_a_symbolic_link_inside_the_state_is_refused(
    folder: Callable[[JobFolder], str], job: JobFolder, tmp_path: Path
) -> None:
    """For writing and for reading, and nothing appears where it leads."""
    path = folder(job)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    os.rename(path, tmp_path / "away")
    os.symlink(elsewhere, path)

    for use in (job.create, job.check):
        with pytest.raises(StateUnwritableError) as caught:
            use()
        headline = f"{path} is a symbolic link, which airexec does not follow inside its state"
        assert (headline, 73) == (caught.value.headline, caught.value.exit_code)
    assert [] == list(elsewhere.iterdir())


@pytest.mark.parametrize("name", ["", "logs", "side"])
def test_a_symbolic_link_in_a_run_is_refused(name: str, job: JobFolder, tmp_path: Path) -> None:
    """A repository may bring such a run along."""
    run = job.create_run(NOON)
    path = os.path.join(run.path, name).rstrip("/")
    os.rename(path, tmp_path / "away")
    os.symlink(tmp_path, path)

    with pytest.raises(StateUnwritableError) as caught:
        job.run(run.run_id)

    assert f"{path} is a symbolic link, which airexec does not follow inside its state" == caught.value.headline


@pytest.mark.parametrize("folder", FOLDERS.values(), ids=FOLDERS)
def test_a_folder_that_everybody_can_write_to_is_refused(folder: Callable[[JobFolder], str], job: JobFolder) -> None:
    """The hint is the command that mends it."""
    path = folder(job)
    os.chmod(path, 0o777)

    with pytest.raises(StateUnwritableError) as caught:
        job.create()

    said = (caught.value.headline, caught.value.hint)
    assert (f"{path} can be written by everybody", f"chmod o-w {path}") == said


def test_we_never_make_a_folder_that_everybody_can_write_to(tmp_path: Path) -> None:
    """With a careless umask we would refuse our own folder the next time."""
    job = JobFolder(tmp_path / ".airexec", "etl")
    umask = os.umask(0)
    try:
        job.create()
        run = job.create_run(NOON)
    finally:
        os.umask(umask)

    job.check()
    assert 0o775 == os.stat(run.logs).st_mode & 0o777


def test_the_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Seen from a user who is neither its owner nor the owner of what is around it."""
    owner = os.stat(tmp_path).st_uid

    with pytest.raises(StateUnwritableError) as caught:
        check_folder(os.fspath(tmp_path), frozenset({owner + 1}))

    assert caught.value.headline.startswith(f"{tmp_path} belongs to user ")
    assert caught.value.headline.endswith(", who could change what airexec does for you")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_root_uses_the_checkout_of_another_user_but_not_what_others_put_there(tmp_path: Path) -> None:
    """As in a container, where the checkout belongs to the user outside."""
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    outside, stranger = [uid for uid in range(50_000, 60_000) if uid not in taken][:2]
    job = JobFolder(tmp_path / "checkout" / ".airexec", "etl")
    job.create()
    os.chown(tmp_path / "checkout", outside, -1)
    os.chown(job.state_dir, outside, -1)
    job.create()
    os.chown(job.state_dir, stranger, -1)

    with pytest.raises(StateUnwritableError, match=rf"belongs to user {stranger}, who could change what airexec does"):
        job.create()


def test_we_root_and_the_owner_of_the_checkout_are_trusted(tmp_path: Path) -> None:
    """Nobody else."""
    around = os.stat(tmp_path).st_uid

    assert {os.geteuid(), 0, around} == trusted_owners(os.fspath(tmp_path / ".airexec"))


def test_a_file_in_the_place_of_a_folder_is_refused(job: JobFolder) -> None:
    """With its name."""
    os.rmdir(job.runs)
    Path(job.runs).touch()

    with pytest.raises(StateUnwritableError) as caught:
        job.create()

    assert f"{job.runs} is not a folder" == caught.value.headline
