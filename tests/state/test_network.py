"""State on a network file system is refused: which file system a folder is on is read from mountinfo, proc(5)."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from airexec.errors import StateUnwritableError
from airexec.state import network
from airexec.state.network import network_type, refuse_network, type_of_device
from tests.e2e.faults import Fault, run_on

NO_FAULT = Fault(0)

MOUNTS = b"""\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
41 27 0:38 / /home rw,relatime shared:7 - nfs4 server:/home rw,vers=4.2
42 27 0:39 / /mnt/c rw,noatime - 9p C:\\134 rw,dirsync
43 27 0:40 / /mnt/with\\040space rw shared:1 master:2 - fuse.sshfs host: rw
44 27 0:41 / /run/user/0 rw - tmpfs none rw
45 27 0:42 / /mnt/share rw - cifs //server/share rw
46 27 0:43 / /mnt/fuse rw - fuse.ext2 none rw
"""


@pytest.mark.parametrize(
    ("minor", "expected"),
    [(38, "nfs4"), (39, "9p"), (40, "fuse.sshfs"), (42, "cifs"), (41, None), (43, None), (21, None), (99, None)],
)
def test_a_device_is_looked_up_among_the_mounts(minor: int, expected: str | None) -> None:
    """Local types, and devices that are not in the list, are no network."""
    assert expected == type_of_device(os.makedev(0, minor), MOUNTS)


def test_the_folder_of_the_test_is_local(tmp_path: Path) -> None:
    """For real, also where the state folder is still to be made."""
    assert network_type(str(tmp_path / "not" / "yet")) is None


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on what the system says is NFS: one of a device without a disk, with a word changed in mountinfo."""
    folder = Path("/dev/shm")
    if not folder.is_dir() or os.major(folder.stat().st_dev) != 0:
        pytest.skip("needs a file system without a disk at /dev/shm")
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 1 0:{os.minor(folder.stat().st_dev)} / /dev/shm rw - nfs server:/ rw\n")
    monkeypatch.setattr(network, "MOUNTS", str(mounts))
    return folder


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
