"""Starts the leader of an attempt: own session, clean signals, descriptors 0-2 and nothing else.

One `posix_spawn` per attempt (a vfork in glibc: its cost does not grow with our memory). It knows no working
directory, so the scheduler, which has one thread for this, goes there and comes back.
"""

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from errno import EACCES, ENOENT, ENOTDIR
from itertools import islice

from airexec.attempt.facts import SpawnBusyError, SpawnError
from airexec.attempt.spec import AttemptSpec
from airexec.runner.oom_score import OomScore
from airexec.runner.spawn_errors import WindowsLinesError, cwd_error, not_found_error, spawn_error, value_error
from airexec.runner.without_shell import without_shell

_TRY_NEXT = (ENOENT, ENOTDIR, EACCES)
_SHELL_NAMES = frozenset({"bash", "sh"})


class Spawner:
    """What all spawns share. `null` is a descriptor of /dev/null above 2."""

    def __init__(self, null: int) -> None:
        self._null = null
        try:
            self._home_path = os.getcwd()
        except OSError:  # it has been deleted, which is no reason not to run a file elsewhere
            self._home_path = ""
        # Where it can be had without the right to read: `sudo -u other airexec run FILE` in a folder of ours.
        flags = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            self._home = os.open(".", flags)
        except PermissionError:  # closed to us: nothing of ours can be relative to it
            self._home_path, self._home = "", os.open("/", flags)
        self._oom_score = OomScore()
        self._shells: dict[tuple[str, str], str] = {}
        """Where a shell was found, by its name and PATH. No task brings another one for the tasks after it, and what
        any other program is may change with every task."""
        # What is ignored would stay so (SIGPIPE, which Python ignores; SIGHUP under nohup; SIGINT in the background of
        # a script). Handlers are reset by exec anyway, but glibc first asks for each signal that is not named here.
        self._signals = signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}

    def spawn(self, spec: AttemptSpec, env: Mapping[str, str], stdout: int, stderr: int) -> int:
        """Start `spec` with this environment and return its pid, which is also the number of its group and session.

        Raises SpawnError.
        """
        if not spec.argv or not spec.argv[0]:
            raise value_error(spec)
        self._enter(spec.cwd)
        self._oom_score.raise_for_child()
        try:
            if (direct := without_shell(spec.argv, env)) is not None:
                try:
                    return self._spawn(direct, spec, env, stdout, stderr, tries=1)
                except (SpawnBusyError, WindowsLinesError):
                    raise
                except SpawnError:
                    pass  # the shell has its own words for that, and may know what to do, or where to look next
            return self._spawn(spec.argv, spec, env, stdout, stderr)
        finally:
            self._oom_score.lower()
            self._leave(spec.cwd)

    def _spawn(
        self,
        argv: tuple[str, ...],
        spec: AttemptSpec,
        env: Mapping[str, str],
        stdout: int,
        stderr: int,
        tries: int | None = None,
    ) -> int:
        """Try the first `tries` files that may be the program of `argv`, which does what `spec` says; None: all."""
        refused: OSError | None = None
        for path in islice(self._candidates(argv[0], env), tries):
            try:
                return os.posix_spawn(
                    path,
                    argv,
                    env,
                    file_actions=(
                        (os.POSIX_SPAWN_DUP2, self._null, 0),
                        (os.POSIX_SPAWN_DUP2, stdout, 1),
                        (os.POSIX_SPAWN_DUP2, stderr, 2),
                    ),
                    setsid=True,
                    setsigmask=(),
                    setsigdef=self._signals,
                )
            except OSError as error:
                if error.errno not in _TRY_NEXT or "/" in argv[0]:
                    raise spawn_error(error, path, spec) from None
                refused = error
            except ValueError:
                raise value_error(spec) from None
        raise not_found_error(spec, refused)

    def _candidates(self, program: str, env: Mapping[str, str]) -> Iterator[str]:
        """Yield the files that may be the program, as execvp would try them, but on the PATH of the child.

        Relative ones, also relative folders of PATH, are seen from the working directory of the child.
        """
        if "/" in program:
            yield program
            return
        search = env.get("PATH", os.defpath)
        if (known := self._shells.get((program, search))) is not None:
            yield known
        is_same_everywhere = True
        for folder in search.split(":"):
            is_same_everywhere &= folder.startswith("/")
            path = f"{folder or '.'}/{program}"
            try:
                found = os.access(path, os.X_OK)
            except ValueError:
                return  # a NUL: nothing has such a name
            if found:
                if program in _SHELL_NAMES and is_same_everywhere:
                    self._shells[program, search] = path
                yield path

    def _enter(self, cwd: str) -> None:
        if cwd != self._home_path:
            try:
                os.chdir(cwd)
            except (OSError, ValueError) as error:
                raise cwd_error(error, cwd) from None

    def _leave(self, cwd: str) -> None:
        if cwd != self._home_path:
            with suppress(OSError):  # closed to us: nothing of ours is relative to it, it could not have been written
                os.fchdir(self._home)

    def close(self) -> None:
        os.close(self._home)
        self._oom_score.close()
