"""The executor of this machine for one run, with all that keeps the machine tidy around it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from airexec.errors import JournalError
from airexec.runner.descriptors import room_for_attempts
from airexec.runner.guardian import Guardian
from airexec.runner.processes import LocalProcesses
from airexec.secrets.masker import Masker


class ThisMachine:
    """Implements `airexec.attempt.executor.Executors`."""

    def room_for_attempts(self) -> tuple[int, str] | None:
        """Return how many attempts the limit on open files leaves room for. Raises UsageError when for none."""
        room = room_for_attempts()
        return None if room is None else (room, "more do not fit the limit on open files (ulimit -n)")

    def end_orphans(self, runs: str, is_at_work: Callable[[str], bool]) -> int:
        """Kill what carries the mark of a run in this folder that nobody is at work on, wherever it has gone."""
        from airexec.runner.proc import end_guardians, mark_below, sweep

        end_guardians(runs, is_at_work)
        return sweep(mark_below(runs), is_at_work)

    @contextmanager
    def open(self, run_dir: str, masker: Masker) -> Iterator[LocalProcesses]:
        """Return the processes of a run, watched over by a guardian in case that we are killed.

        It is dismissed when the run has ended what it started; after a bug of ours, it does its work.
        """
        with LocalProcesses(masker, run_dir=run_dir) as processes:
            guardian = Guardian(run_dir)
            guardian.start()
            try:
                yield processes
            except JournalError:
                guardian.dismiss()
                raise
            guardian.dismiss()
