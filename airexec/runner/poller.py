"""Waits for descriptors: epoll where there is one, else poll. A fraction of `selectors`, without its import."""

import select

READABLE = select.POLLIN
CLOSED = select.POLLHUP
"""All writers are gone. Alone: there is nothing left to read either."""


class Poller:
    """Level-triggered: what is not read is reported again."""

    def __init__(self) -> None:
        self._epoll = select.epoll() if hasattr(select, "epoll") else None
        self._poll = None if self._epoll is not None else select.poll()

    def add(self, fd: int) -> None:
        (self._epoll or self._poll).register(fd, READABLE)  # type: ignore[union-attr]

    def remove(self, fd: int) -> None:
        """Must be called before `fd` is closed: a child just spawned may hold a copy for a moment longer (vfork ends
        before close-on-exec is done), and epoll reports a descriptor until its last copy is gone."""
        (self._epoll or self._poll).unregister(fd)  # type: ignore[union-attr]

    def wait(self, timeout: float | None) -> list[tuple[int, int]]:
        """Return (descriptor, READABLE | CLOSED) of all that are ready; wait at most `timeout` seconds (None: any)."""
        if self._epoll is not None:
            return self._epoll.poll(timeout)
        assert self._poll is not None
        return self._poll.poll(None if timeout is None else timeout * 1000)

    def close(self) -> None:
        if self._epoll is not None:
            self._epoll.close()
