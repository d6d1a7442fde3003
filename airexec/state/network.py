"""Whether a folder lies on another machine. Linux only; elsewhere nothing is known of it.

There locks may be advice or nothing, a rename may be seen late, and what was synced may be lost: none of what the
store promises can be kept.
"""

import os

from airexec.errors import StateUnwritableError

MOUNTS = "/proc/self/mountinfo"

NETWORK_TYPES = frozenset(
    {
        *(
            "9p",
            "acfs",
            "afs",
            "beegfs",
            "ceph",
            "cifs",
            "coda",
            "gfs",
            "gfs2",
            "gpfs",
            "lustre",
            "ncpfs",
            "nfs",
            "nfs4",
        ),
        *("ocfs2", "orangefs", "panfs", "smb2", "smb3", "smbfs"),
        *("davfs2", "gcsfuse", "glusterfs", "goofys", "juicefs", "rclone", "s3fs", "sshfs"),
    }
)
"""As Linux calls them, by themselves or behind `fuse.`."""


def refuse_network(path: str) -> None:
    """Raise StateUnwritableError if a state folder, or where it would be made, lies on a network file system."""
    found = network_type(path)
    if found is not None:
        raise StateUnwritableError(
            f"{path} is on a network file system ({found}), where locks and synced data cannot be relied on",
            hint="name a local folder with --state-dir, or take the risk with --allow-network-state",
        )


def network_type(path: str) -> str | None:
    """Return the type of the network file system that a folder is on or would be made on, None for a local one."""
    try:
        device = os.stat(_nearest_existing(path)).st_dev
        if os.major(device) != 0:
            return None  # a disk of this machine, which is what nearly everybody has: nothing has to be read
        with open(MOUNTS, "rb") as file:
            return type_of_device(device, file.read())
    except OSError:
        return None


def type_of_device(device: int, mounts: bytes) -> str | None:
    """Return the type of a network file system by its device number and the text of `mountinfo` (see proc(5)).

    None for what is local, or not in the text at all, as subvolumes of btrfs are.
    """
    number = f"{os.major(device)}:{os.minor(device)}".encode()
    for line in mounts.splitlines():
        fields, _, behind = line.partition(b" - ")
        if fields.split(b" ", 3)[2:3] == [number]:
            return _network(behind.split(b" ", 1)[0].decode("ascii", "replace"))
    return None


def _network(name: str) -> str | None:
    return name if name.removeprefix("fuse.") in NETWORK_TYPES else None


def _nearest_existing(path: str) -> str:
    while not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path
