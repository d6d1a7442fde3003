"""State on a network file system is refused: which file system a folder is on follows from the mounts above it."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest

from airexec.errors import StateUnwritableError
from airexec.state import network
from airexec.state.network import network_type, refuse_network, type_at
from tests.e2e.faults import Fault, run_on

NO_FAULT = Fault(0)

MOUNTS = [
    ("/proc", "proc"),
    ("/dev/shm", "tmpfs"),
    ("/", "ext4"),
    ("/home", "nfs4"),
    ("/home/me/scratch", "tmpfs"),
    ("/mnt/c", "9p"),
    ("/mnt/with space", "fuse.sshfs"),
    ("/mnt/share", "autofs"),
    ("/mnt/share", "cifs"),
    ("/mnt/fuse", "fuse.ext2"),
]


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/", "ext4"),
        ("/srv", "ext4"),
        ("/home", "nfs4"),
        ("/home/me", "nfs4"),
        ("/homework", "ext4"),
        ("/home/me/scratch/x", "tmpfs"),
        ("/mnt/c/Users", "9p"),
        ("/mnt/with space/x", "fuse.sshfs"),
        ("/mnt/share/x", "cifs"),
        ("/mnt/fuse", "fuse.ext2"),
        ("/dev/shm", "tmpfs"),
    ],
)
def test_a_folder_is_on_the_nearest_mount_above_it(folder: str, expected: str) -> None:
    """In whichever order they come; of two at one place on the later one."""
    assert expected == type_at(folder, MOUNTS)


def test_without_mounts_there_is_no_type() -> None:
    assert "" == type_at("/home", [])


def test_the_folder_of_the_test_is_local(tmp_path: Path) -> None:
    """For real, also where the state folder is still to be made."""
    assert network_type(str(tmp_path / "not" / "yet")) is None


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on what the system says is NFS: one of a device without a disk, with a word changed in its mounts."""
    folder = Path("/dev/shm")
    if not folder.is_dir() or os.major(folder.stat().st_dev) != 0:
        pytest.skip("needs a file system without a disk at /dev/shm")
    mount(tmp_path, monkeypatch, "server:/a\\040b /dev/shm nfs rw 0 0", "none / ext4 rw 0 0")
    return folder


def mount(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Have the system, as far as we and psutil ask it, say that these and no other file systems are mounted."""
    mounts = tmp_path / "proc" / "self" / "mounts"
    mounts.parent.mkdir(parents=True, exist_ok=True)
    mounts.write_text("".join(f"{line}\n" for line in lines))
    monkeypatch.setattr(network, "MOUNTS", str(mounts))
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(tmp_path / "proc"))


@pytest.mark.parametrize("type_", ["nfs", "9p", "fuse.sshfs", "cifs"])
def test_what_the_system_mounts_is_what_is_found(
    type_: str, share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name on Linux."""
    mount(tmp_path, monkeypatch, f"some:where /dev/shm {type_} rw 0 0", "none / ext4 rw 0 0")

    assert type_ == network_type(f"{share}/project/.airexec")


@pytest.mark.parametrize("type_", ["tmpfs", "overlay", "btrfs", "fuse.ext2"])
def test_what_is_local_is_found_to_be_so(
    type_: str, share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also beside a network file system, and if that has other words for itself."""
    mount(tmp_path, monkeypatch, "server: /mnt nfs rw 0 0", f"nfs /dev/shm {type_} rw 0 0", "none / ext4 rw 0 0")

    assert network_type(str(share)) is None


def test_who_mounts_no_network_pays_for_nothing(share: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container, or on btrfs, where folders have no disk either."""
    mount(tmp_path, monkeypatch, "none /dev/shm overlay rw 0 0", "none / ext4 rw 0 0")

    def asked(**how: bool) -> list[object]:
        raise AssertionError("psutil was asked")

    monkeypatch.setattr(psutil, "disk_partitions", asked)

    assert network_type(str(share)) is None


def test_a_link_to_a_share_is_a_share(share: Path, tmp_path: Path) -> None:
    """What counts is where the files would be."""
    (tmp_path / "link").symlink_to(share)

    assert "nfs" == network_type(str(tmp_path / "link" / "project"))


def test_a_network_file_system_is_refused_with_the_reason(share: Path) -> None:
    """Before the folder exists."""
    with pytest.raises(StateUnwritableError) as caught:
        refuse_network(f"{share}/project/.airexec")

    assert (
        "/dev/shm/project/.airexec is on a network file system (nfs), where locks and synced data cannot be relied on"
    ) == caught.value.headline
    assert "name a local folder with --state-dir, or take the risk with --allow-network-state" == caught.value.hint
    assert 73 == caught.value.exit_code


def test_where_mounts_cannot_be_read_nothing_is_refused(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS."""
    monkeypatch.setattr(network, "MOUNTS", "/nowhere")

    assert network_type(str(share)) is None


def test_the_risk_can_be_taken(share: Path, tmp_path: Path) -> None:
    """A run on a network file system ends with 73 before it begins; with --allow-network-state it runs."""
    with TemporaryDirectory(dir=share) as on_share:
        (tmp_path / "w.yml").write_text("name: w\ntasks: {a: {command: echo a >> ran}}\n")
        here = ("w.yml", "--state-dir", f"{on_share}/state")
        refused = run_on(tmp_path, NO_FAULT, "run", *here)
        left = os.listdir(on_share)
        allowed = run_on(tmp_path, NO_FAULT, "run", *here, "--allow-network-state")

    assert (73, []) == (refused.exit_code, left)
    assert "is on a network file system (nfs)" in refused.err
    assert (0, "a\n") == (allowed.exit_code, (tmp_path / "ran").read_text())
