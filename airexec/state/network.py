"""Whether a folder lies on another machine. Linux only; elsewhere nothing is known of it.

There locks may be advice or nothing, a rename may be seen late, and what was synced may be lost: none of what the
store promises can be kept.
"""

import os
from collections.abc import Iterable

from airexec.errors import StateUnwritableError

MOUNTS = "/proc/self/mounts"

NETWORK_TYPES = frozenset({
    "9p", "acfs", "afs", "beegfs", "ceph", "cifs", "coda", "gfs", "gfs2", "gpfs", "lustre", "ncpfs", "nfs", "nfs4",
    "ocfs2", "orangefs", "panfs", "smb2", "smb3", "smbfs",
    "davfs2", "gcsfuse", "glusterfs", "goofys", "juicefs", "rclone", "s3fs", "sshfs",
})  # fmt: skip
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
    """Return the type of the network file system that a folder is on or would be made on, None for a local one.

    Nearly everybody gets the answer without the 20 ms that psutil takes: a disk of this machine has a device number,
    and what has none (overlay, btrfs, ZFS) is local where no network file system is mounted at all.
    """
    folder = os.path.realpath(_nearest_existing(path))
    try:
        if os.major(os.stat(folder).st_dev) != 0 or not _mounts_a_network():
            return None
        import psutil

        mounts = [(mount.mountpoint, mount.fstype) for mount in psutil.disk_partitions(all=True)]
    except OSError:
        return None
    return _network_name(type_at(folder, mounts))


def type_at(folder: str, mounts: Iterable[tuple[str, str]]) -> str:
    """Return the type of the file system that an absolute folder is on; `mounts` are pairs of mount point and type.

    Of two at one place the later one hides the other. Empty when there is none.
    """
    deepest, found = "", ""
    for point, name in mounts:
        if len(point) >= len(deepest) and f"{folder}/".startswith(f"{point.rstrip('/')}/"):
            deepest, found = point, name
    return found


def _mounts_a_network() -> bool:
    """Return whether any word of the mounts is such a type. Raises OSError."""
    with open(MOUNTS, encoding="utf-8", errors="replace") as file:
        return any(map(_network_name, file.read().split()))


def _network_name(name: str) -> str | None:
    return name if name.removeprefix("fuse.") in NETWORK_TYPES else None


def _nearest_existing(path: str) -> str:
    while not os.path.exists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    return path
