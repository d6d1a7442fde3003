"""The process group of one attempt, and signals that cannot hit strangers.

The number of a group is the pid of its leader. While the leader is not reaped, nobody else can get that number. After
that the pidfd of the leader still means this group (Linux 6.9, PIDFD_SIGNAL_PROCESS_GROUP). Older kernels and other
systems get `killpg`: a group's number stays taken while it has members, and we look for one directly before.
"""

import errno
import os
import signal
import sys

_TO_GROUP = 4
"""PIDFD_SIGNAL_PROCESS_GROUP of linux/pidfd.h."""


class Group:
    __slots__ = ("leader", "pidfd", "reaped")

    def __init__(self, leader: int, pidfd: int | None) -> None:
        self.leader = leader
        self.pidfd = pidfd
        """Owned by this group; None where there are no pidfds."""
        self.reaped = False

    def send(self, signum: int) -> bool:
        """Send to all members; return whether there was one that could be signalled."""
        try:
            if self.reaped:
                self._send_reaped(signum)
            else:
                os.killpg(self.leader, signum)
        except ProcessLookupError:
            return False
        except PermissionError:
            return is_linux()  # macOS says EPERM for a group that has only zombies left
        return True

    def _send_reaped(self, signum: int) -> None:
        if self.pidfd is not None:
            try:
                return signal.pidfd_send_signal(self.pidfd, signum, None, _TO_GROUP)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
        os.killpg(self.leader, 0)
        os.killpg(self.leader, signum)

    def has_exited(self) -> bool:
        """Return whether the leader has, without reaping it."""
        return os.waitid(os.P_PID, self.leader, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def reap(self) -> int | None:
        """Return how the leader exited, as subprocess has it (-n for signal n), or None while it runs."""
        pid, status = os.waitpid(self.leader, os.WNOHANG)
        if not pid:
            return None
        self.reaped = True
        return os.waitstatus_to_exitcode(status)

    def members(self) -> int:
        """Return how many processes of the group still run; zombies do not."""
        if not self.send(0):
            return 0
        import psutil  # 20 ms, when an attempt has left something behind

        return sum(group_of(pid) == self.leader and _runs(pid) for pid in psutil.pids())

    def close(self) -> None:
        if self.pidfd is not None:
            os.close(self.pidfd)
            self.pidfd = None


def group_of(pid: int) -> int | None:
    """Return the number of the group that a process is in, None when it is gone."""
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def _runs(pid: int) -> bool:
    import psutil

    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def is_linux() -> bool:
    return sys.platform.startswith("linux")
