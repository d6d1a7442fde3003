"""Attempts as real processes: output, exits, what they inherit, and what they leave behind."""

import os
import signal
import sys
import time
from pathlib import Path
from time import monotonic
from typing import ClassVar

import pytest

from airexec.attempt.facts import CommandLine, Exited, Printed, SpawnBusyError, SpawnError
from airexec.attempt.lines import FoundLine
from airexec.attempt.spec import ConditionSpec
from airexec.runner.processes import LocalProcesses
from airexec.secrets.masker import Masker
from tests.runner.conftest import Room

# --- exits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [0, 1, 2, 127, 255])
def test_an_exit_code_comes_back(room: Room, code: int) -> None:
    assert Exited("t", 1, code) == room.sh(f"exit {code}")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGPIPE])
def test_a_signal_comes_back_as_its_negative_number(room: Room, number: int) -> None:
    assert Exited("t", 1, -number) == room.sh(f"kill -{int(number)} $$")


def test_the_exit_is_the_last_fact_of_an_attempt(room: Room) -> None:
    room.sh("echo out; echo err >&2")

    assert [Printed, Printed, Exited] == [type(fact) for fact in room.facts]


def test_two_hundred_attempts_end_each_once(room: Room) -> None:
    for number in range(200):
        room.start("sh", "-c", f"exit {number % 7}", task=f"t{number}")
    ends = room.wait_for(Exited, 200)

    assert {f"t{number}": number % 7 for number in range(200)} == {end.task: end.returncode for end in ends}
    assert 200 == len(ends)


def test_that_an_attempt_has_exited_is_known_before_all_of_it_is_read(room: Room) -> None:
    """What it has left behind holds its output open, and no limit on its time counts that."""
    room.start("sh", "-c", "sleep 30 & exit 0")

    while not room.processes.has_exited("t"):
        assert not room.of(Exited)
        room.facts += room.processes.wait(0.01)

    room.wait_for(Exited)


def test_nothing_to_do_ends_at_the_timeout(room: Room) -> None:
    assert [] == room.processes.wait(0.01)


# --- conditions -------------------------------------------------------------------------------------------------------


def steps(room: Room, *conditions: str, work: str = "echo work") -> bytes | None:
    """Run one attempt step by step, and return its log; None: there is none."""
    asked = tuple(ConditionSpec(("sh", "-c", text), text) for text in conditions)
    spec = room.spec("sh", "-c", work, conditions=asked)
    for number in range(len(asked) + 1):
        room.processes.start(spec.step(number))
        room.wait_for(Exited, number + 1)
    return room.log() if Path(room.log_path("t")).exists() else None


def test_the_steps_of_an_attempt_share_a_log(room: Room) -> None:
    """Each that prints has a head there, on a line of its own."""
    assert b"# precondition: printf a\na\n# precondition: echo b\nb\n# command\nwork\n" == steps(
        room, "printf a", ":", "echo b"
    )
    assert [0, 0, 0, 0] == [fact.returncode for fact in room.of(Exited)]


def test_who_prints_nothing_has_no_head_in_the_log(room: Room) -> None:
    assert b"work\n" == steps(room, ":")


def test_steps_that_print_nothing_make_no_log_and_leave_none(room: Room) -> None:
    """One that is there is of an attempt that was lost or forgotten."""
    Path(room.log_path("t")).write_text("old\n")

    assert steps(room, ":", work=":") is None


def test_a_log_goes_on_though_the_old_one_of_its_name_had_more_to_say(room: Room) -> None:
    Path(room.log_path("t")).write_text("old\n")

    assert b"work\n" == steps(room, ":")


def test_what_a_condition_prints_is_that_of_stderr(room: Room) -> None:
    """Nobody reads it for command lines, and what looks like one is kept for those who show the log."""
    steps(room, "echo '::output {\"a\": 1}'; echo err >&2", "echo '::output {\"b\": 1}'", work="echo '::output {}'")

    assert [("output", "{}", 1)] == room.lines()
    assert {"stderr"} == {fact.stream for fact in room.of(Printed)[:-1]}
    assert b'::output {"a": 1}\n::output {"b": 1}\n' == (room.folder / ".t.log.plain").read_bytes()


# --- output -----------------------------------------------------------------------------------------------------------


def test_both_streams_go_to_the_log_as_they_come(room: Room) -> None:
    room.sh("echo one; sleep 0.05; echo two >&2; sleep 0.05; printf three")

    assert b"one\ntwo\nthree" == room.log()
    assert [("stdout", b"one\n"), ("stderr", b"two\n"), ("stdout", b"three")] == [
        (fact.stream, fact.data) for fact in room.of(Printed)
    ]


def test_an_attempt_that_prints_nothing_makes_no_log(room: Room) -> None:
    room.sh(":")

    assert not Path(room.log_path("t")).exists()


def test_any_bytes_come_through(room: Room) -> None:
    room.python("import os; os.write(1, bytes(range(256)))")

    assert bytes(range(256)) == room.log()


def test_a_hundred_megabytes_come_through_without_being_kept_in_memory(room: Room) -> None:
    exited = room.python("import os\nfor _ in range(1600): os.write(1, b'x' * 65535 + b'\\n')")
    log = room.log()

    assert (0, 0) == (exited.returncode, exited.lost_bytes)
    assert 64 * 1024 * 1024 < len(log) < 64 * 1024 * 1024 + 200
    assert b"bytes of output were left out here]" in log


def test_a_flood_does_not_keep_others_from_starting_and_ending(room: Room) -> None:
    room.start("sh", "-c", "while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done", task="flood")
    for number in range(20):
        room.sh("exit 0", task=f"t{number}")
    room.processes.signal("flood", signal.SIGKILL)

    assert "flood" == room.wait_for(Exited, 21)[-1].task


def test_a_missing_log_folder_costs_the_log_and_nothing_else(room: Room) -> None:
    spec = room.spec("sh", "-c", "echo hello")._replace(log_path=str(room.folder / "gone" / "t.log"))
    room.processes.start(spec)

    assert [Exited("t", 1, 0, lost_bytes=6)] == room.wait_for(Exited)
    assert b"hello\n" == room.shown()


# --- command lines ----------------------------------------------------------------------------------------------------


def test_command_lines_of_stdout_become_facts(room: Room) -> None:
    room.sh("echo hello; echo '::output {\"rows\": 42}'")

    assert [CommandLine("t", 1, "output", '{"rows": 42}', 2)] == room.of(CommandLine)
    assert b'hello\n::output {"rows": 42}\n' == room.log()


def test_a_last_line_without_a_newline_counts(room: Room) -> None:
    room.sh("printf '::output {}'")

    assert [("output", "{}", 1)] == room.lines()


def test_command_lines_on_stderr_are_counted_and_do_not_count(room: Room) -> None:
    exited = room.sh("echo '::output {}' >&2; echo '::queue {}' >&2")

    assert ([], 2) == (room.lines(), exited.ignored_lines)


def test_command_lines_after_the_exit_of_the_leader_do_not_count(room: Room) -> None:
    os.mkfifo(room.folder / "go")
    room.start("sh", "-c", "trap '' TERM; (read x <go; echo '::output {}') & echo '::queue 1'")
    room.wait_for_output(b"::queue 1\n")
    while room.processes._runners["t"].returncode is None:
        room.facts += room.processes.wait(0.01)
    (room.folder / "go").write_text("go\n")
    (exited,) = room.wait_for(Exited)

    assert ([("queue", "1", 1)], 1) == (room.lines(), exited.ignored_lines)
    assert b"::queue 1\n::output {}\n" == room.log()


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_secrets_are_masked_in_log_and_facts_but_not_in_command_lines(tmp_path: Path) -> None:
    with LocalProcesses(Masker(["s3cret"])) as processes:
        room = Room(processes, tmp_path)
        room.sh("echo s3cret >&2", task="err")
        room.sh("echo s3cret; printf '::output \"s3'; sleep 0.05; echo 'cret\"'")

    assert (b"***\n", b'***\n::output "***"\n') == (room.log("err"), room.log())
    assert [("output", '"s3cret"', 2)] == room.lines()
    assert (room.log("err"), room.log()) == (room.shown("err"), room.shown())


def test_a_mask_line_hides_its_own_value_even_in_two_writes(room: Room) -> None:
    room.sh("printf '::mask \"s3c'; sleep 0.05; printf 'ret\"\\n'; echo the s3cret")

    assert b'::mask "***"\nthe ***\n' == room.log()


def test_an_unfinished_mask_line_comes_out_masked_at_the_end(room: Room) -> None:
    room.sh("printf '::mask \"s3cret\"'")

    assert b'::mask "***"' == room.log()


def test_a_value_masked_by_one_attempt_is_hidden_in_others(room: Room) -> None:
    assert room.processes.mask("s3cret") is None
    room.sh("echo s3cret")

    assert b"***\n" == room.log()
    assert "exit of ***" == room.processes.mask_text("exit of s3cret")


def test_a_value_too_short_to_mask_is_refused_with_the_reason(room: Room) -> None:
    assert "a secret must have at least 6 bytes to be masked" == room.processes.mask("abc")


# --- what an attempt inherits -----------------------------------------------------------------------------------------


LIBC_SIGNALS = 1 << 31 | 1 << 32
"""Signals 32 and 33 belong to the C library, which lets nobody touch them."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_attempt_has_three_descriptors_clean_signals_and_its_own_session(tmp_path: Path) -> None:
    leak = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(leak, True)
    hup, usr = signal.signal(signal.SIGHUP, signal.SIG_IGN), signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
    try:
        with LocalProcesses() as processes:
            room = Room(processes, tmp_path)
            # sh and grep, because Python itself ignores SIGPIPE and SIGXFSZ
            room.sh("ls /proc/self/fd | wc -l; readlink /proc/self/fd/0; grep SigIgn /proc/self/status")
            room.python("import os; print(os.getsid(0) == os.getpgrp() == os.getpid())", task="session")
            room.run("grep", "SigBlk", "/proc/self/status", task="mask")  # dash clears its own mask
    finally:
        signal.signal(signal.SIGHUP, hup)
        signal.signal(signal.SIGUSR1, usr)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(leak)

    count, stdin, ignored = room.log().split(b"\n")[:3]
    # the fourth descriptor is that of the folder which `ls` reads
    assert (b"4", b"/dev/null") == (count, stdin)
    assert 0 == int(room.log("mask").split()[1], 16)
    assert 0 == int(ignored.split()[1], 16) & ~LIBC_SIGNALS
    assert b"True\n" == room.log("session")


def test_there_is_no_terminal_to_hang_on(room: Room) -> None:
    assert 0 != room.sh("read x </dev/tty").returncode


def test_reading_stdin_ends_at_once(room: Room) -> None:
    assert 0 == room.sh("cat").returncode


def test_the_environment_is_the_given_one_and_no_other(room: Room) -> None:
    room.run("env", env={"PATH": os.environ["PATH"], "A": "ü\udcff"})

    assert f"PATH={os.environ['PATH']}\nA=ü".encode() + b"\xff\n" == room.log()


def test_the_working_directory_is_the_given_one_and_ours_stays(room: Room) -> None:
    before = os.getcwd()
    (room.folder / "sub").mkdir()
    room.sh("pwd -P", cwd=str(room.folder / "sub"))

    assert f"{(room.folder / 'sub').resolve()}\n".encode() == room.log()
    assert before == os.getcwd()


def test_a_relative_program_is_seen_from_the_working_directory(room: Room) -> None:
    script = room.folder / "tool"
    script.write_text("#!/bin/sh\necho here\n")
    script.chmod(0o755)
    room.run("./tool")

    assert b"here\n" == room.log()


def test_a_program_is_looked_for_on_the_path_of_the_attempt(room: Room) -> None:
    (room.folder / "bin").mkdir()
    script = room.folder / "bin" / "only-here"
    script.write_text("#!/bin/sh\necho found\n")
    script.chmod(0o755)
    room.run("only-here", env={"PATH": f"/nowhere:bin:{os.environ['PATH']}"})

    assert b"found\n" == room.log()


# --- what cannot start ------------------------------------------------------------------------------------------------


def refusal(room: Room, *argv: str, **fields: object) -> tuple[str, int]:
    with pytest.raises(SpawnError) as error:
        room.start(*argv, **fields)
    assert not room.processes._runners
    return error.value.error.replace(str(room.folder), "."), error.value.exit_code


def test_a_program_that_is_not_on_the_path(room: Room) -> None:
    env = {"PATH": "/bin:/usr/bin"}

    assert ("program 'nope' not found on PATH (/bin:/usr/bin)", 127) == refusal(room, "nope", env=env)

    env["PATH"] = ":".join(f"/opt/tools/{number}/bin" for number in range(20))

    shown = "20 folders, /opt/tools/0/bin to /opt/tools/19/bin"
    assert (f"program 'nope' not found on PATH ({shown})", 127) == refusal(room, "nope", env=env)


def test_a_program_that_is_not_in_the_folder(room: Room) -> None:
    assert ("program './nope' not found in '.'", 127) == refusal(room, "./nope")
    assert ("program '/nope/nope' not found", 127) == refusal(room, "/nope/nope")


def test_a_file_that_is_not_executable(room: Room) -> None:
    (room.folder / "tool").write_text("#!/bin/sh\n")
    expected = "is not executable: permission denied (chmod +x?)"

    assert (f"'./tool' {expected}", 126) == refusal(room, "./tool")
    assert (f"'./tool' {expected}", 126) == refusal(room, "tool", env={"PATH": str(room.folder)})


def test_a_folder_is_no_program(room: Room) -> None:
    (room.folder / "tool").mkdir()

    assert ("'./tool' is a folder, not a program", 126) == refusal(room, "./tool")


def test_a_file_without_a_binary_format_or_interpreter(room: Room) -> None:
    (room.folder / "tool").write_text("echo hello\n")
    (room.folder / "tool").chmod(0o755)
    message = "'./tool' is no program: it has neither a binary format nor a `#!` line"

    assert (message, 126) == refusal(room, "./tool")


def test_a_script_whose_interpreter_is_missing(room: Room) -> None:
    (room.folder / "tool").write_text("#!/nope/python -u\n")
    (room.folder / "tool").chmod(0o755)
    message = "'./tool' asks for the interpreter '/nope/python -u', which is not there"

    assert (message, 126) == refusal(room, "./tool")
    assert (message, 126) == refusal(room, "tool", env={"PATH": str(room.folder)})


def test_an_argument_that_is_too_long(room: Room) -> None:
    message = "argument 2 of 'echo' has 200000 bytes; the system allows 131071"

    assert (message, 126) == refusal(room, "echo", "a", "x" * 200_000)


def test_an_environment_variable_that_is_too_long(room: Room) -> None:
    message = "environment variable 'BIG' has 200004 bytes; the system allows 131071"

    assert (message, 126) == refusal(room, "echo", env={**os.environ, "BIG": "x" * 200_000})


def test_arguments_that_are_too_long_together(room: Room) -> None:
    message, code = refusal(room, "echo", *["x" * 1000] * 10_000, env={"PATH": os.environ["PATH"]})

    total = 4 + 10_000_000 + len("PATH" + os.environ["PATH"])
    assert (f"arguments and environment of 'echo' are too long: {total} bytes together", 126) == (message, code)


def test_a_nul_character(room: Room) -> None:
    assert ("argument 1 of 'echo' contains a NUL character", 126) == refusal(room, "echo", "a\0b")
    assert ("argument 0 of 'e\\0' contains a NUL character", 126) == refusal(room, "e\0")
    assert ("environment variable 'A' contains a NUL character", 126) == refusal(
        room, "echo", env={**os.environ, "A": "\0"}
    )


def test_a_name_that_is_none(room: Room) -> None:
    env = {**os.environ, "": "x"}

    assert ("'' is no name for an environment variable", 126) == refusal(room, "echo", env=env)
    assert ("the name of the program is empty", 127) == refusal(room, "")
    assert ("there is no program to start", 127) == refusal(room)


def test_a_working_directory_that_is_not_there(room: Room) -> None:
    assert ("working directory './nope': No such file or directory", 126) == refusal(
        room, "echo", cwd=str(room.folder / "nope")
    )


def test_a_refused_start_leaves_no_descriptor_open(room: Room) -> None:
    before = len(os.listdir("/dev/fd"))
    refusal(room, "./nope")
    room.sh(":")

    assert before == len(os.listdir("/dev/fd"))


LIMITED = """
import os, resource, sys
from airexec.attempt.facts import SpawnBusyError
from airexec.attempt.facts import Exited
from airexec.attempt.spec import AttemptSpec
from airexec.runner.processes import LocalProcesses
from airexec.secrets.masker import Masker

with LocalProcesses() as processes:
    soft = len(os.listdir("/dev/fd")) + int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, soft))
    left, running, ended, busy = 5, 0, 0, 0
    while ended < 5:
        try:
            while left:
                processes.start(AttemptSpec(str(left), 1, ("sh", "-c", ":"), os.environ, os.getcwd(), os.devnull))
                left, running = left - 1, running + 1
        except SpawnBusyError as error:
            busy += 1
            assert running, error
        for fact in processes.wait(20):
            if isinstance(fact, Exited):
                assert fact.returncode == 0
                ended, running = ended + 1, running - 1
    print(busy > 0)
"""


@pytest.mark.parametrize("spare", range(7, 16))
def test_without_descriptors_a_start_is_refused_for_now_and_works_later(room: Room, spare: int) -> None:
    exited = room.run(sys.executable, "-c", LIMITED, str(spare), cwd=os.getcwd())

    assert (0, b"True\n") == (exited.returncode, room.log())


def test_being_busy_is_a_kind_of_spawn_error() -> None:
    assert issubclass(SpawnBusyError, SpawnError)


# --- what an attempt leaves behind ------------------------------------------------------------------------------------


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_a_daemon_that_holds_stdout_does_not_hold_the_attempt(room: Room) -> None:
    before = monotonic()
    exited = room.sh("sleep 1000 & echo $!")

    assert (0, 1) == (exited.returncode, exited.leftover)
    assert [signal.SIGTERM] == room.leftover_signals()
    assert not is_alive(int(room.log()))
    assert monotonic() - before < 10


def test_a_daemon_with_closed_output_is_ended_too(room: Room) -> None:
    exited = room.sh("sleep 1000 >/dev/null 2>&1 & echo $!")

    assert 1 == exited.leftover
    assert not is_alive(int(room.log()))


def test_a_leftover_that_ignores_term_is_killed(room: Room) -> None:
    exited = room.sh("(trap '' TERM; while :; do sleep 1000; done) & echo $!")

    assert [signal.SIGTERM, signal.SIGKILL] == room.leftover_signals()
    assert exited.leftover >= 1
    assert not is_alive(int(room.log()))


def test_a_stopped_leftover_is_ended(room: Room) -> None:
    """It stops itself again whenever the kernel continues an orphaned group."""
    room.sh("sh -c 'trap \"\" HUP; while :; do kill -STOP $$; done' & echo $!")

    assert [signal.SIGTERM] == room.leftover_signals()
    assert not is_alive(int(room.log()))


def test_a_helper_that_ends_by_itself_may_finish(room: Room) -> None:
    """Such as `tee` behind bash's `> >(tee file)`."""
    exited = room.sh("(sleep 0.03; echo late) & echo early")

    assert b"early\nlate\n" == room.log()
    assert (0, []) == (exited.leftover, room.leftover_signals())


def test_with_background_allowed_what_is_left_lives_on(room: Room) -> None:
    exited = room.sh("sleep 1000 >/dev/null 2>&1 & echo $!", background=True)
    pid = int(room.log())

    assert (0, True) == (exited.leftover, is_alive(pid))
    os.kill(pid, signal.SIGKILL)


def test_a_daemon_outside_of_the_group_holds_the_attempt_for_two_seconds_at_most(room: Room) -> None:
    exited = room.python(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        print(os.getpid(), flush=True)\n"
        "        time.sleep(1000)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
    )
    pid = int(room.log())
    os.kill(pid, signal.SIGKILL)

    assert 0 == exited.returncode


# --- signals to attempts ----------------------------------------------------------------------------------------------


def test_a_signal_reaches_the_whole_group(room: Room) -> None:
    room.start("sh", "-c", "sh -c 'echo ready; exec sleep 1000' & wait")
    room.wait_for_output(b"ready\n")
    room.processes.signal("t", signal.SIGTERM)

    assert Exited("t", 1, -signal.SIGTERM) == room.wait_for(Exited)[0]


def test_term_wakes_what_is_stopped(room: Room) -> None:
    room.start("sh", "-c", "echo $$; kill -STOP $$; sleep 1000")
    room.wait_for_output(b"\n")
    room.processes.signal("t", signal.SIGTERM)

    assert -signal.SIGTERM == room.wait_for(Exited)[0].returncode


def test_a_signal_after_the_end_does_nothing(room: Room) -> None:
    room.sh(":")
    room.processes.signal("t", signal.SIGKILL)

    assert [] == room.processes.wait(0)


def test_leaving_kills_what_still_runs(tmp_path: Path) -> None:
    with LocalProcesses() as processes:
        room = Room(processes, tmp_path)
        room.start("sh", "-c", "echo $$; exec sleep 1000")
        room.wait_for_output(b"\n")

    assert not is_alive(int(room.log()))


def test_a_shell_is_looked_for_once_and_again_when_it_is_gone(room: Room) -> None:
    """Another program is looked for each time: a task may just have built it."""
    first, second = room.folder / "first", room.folder / "second"
    for folder in (first, second):
        folder.mkdir()
    (second / "sh").symlink_to("/bin/sh")
    (second / "tool").symlink_to("/bin/true")
    env = {"PATH": f"{first}:{second}"}
    before = [room.run(name, "-c", ":", env=env).returncode for name in ("sh", "tool")]
    for name in ("sh", "tool"):
        (first / name).symlink_to("/bin/false")
    after = [room.run(name, "-c", ":", env=env).returncode for name in ("sh", "tool")]
    (second / "sh").unlink()

    assert ([0, 0], [0, 1], 1) == (before, after, room.run("sh", "-c", ":", env=env).returncode)


def test_a_shell_in_a_relative_folder_of_path_is_looked_for_in_each_working_directory(room: Room) -> None:
    (room.folder / "bin").mkdir()
    (room.folder / "bin/sh").symlink_to("/bin/false")
    env = {"PATH": f"bin:{os.defpath}"}

    elsewhere = room.run("sh", "-c", ":", env=env, cwd=os.path.dirname(room.folder)).returncode
    assert (0, 1) == (elsewhere, room.run("sh", "-c", ":", env=env).returncode)


def test_a_script_with_windows_line_ends(room: Room) -> None:
    """The carriage return cannot be seen, and a shell says no more than `not found`."""
    (room.folder / "tool").write_bytes(b"#!/bin/sh\r\necho hello\r\n")
    (room.folder / "tool").chmod(0o755)
    message = "'./tool' has Windows line ends, with which no interpreter is found (dos2unix mends it)"

    assert (message, 126) == refusal(room, "./tool")
    assert (message, 126) == refusal(room, "sh", "-e", "-c", "./tool")


@pytest.mark.parametrize(
    ("cwd", "problem"),
    [
        ("/a\0b", "'/a\\0b' contains a NUL character"),
        ("/a\ud800b", "'/a\\ud800b' contains a character that cannot be encoded"),
    ],
)
def test_a_working_directory_that_nothing_can_have(room: Room, cwd: str, problem: str) -> None:
    assert (f"the working directory {problem}", 126) == refusal(room, "true", cwd=cwd)


class SlowListener:
    """Takes 30 ms for whatever it is given, and remembers how much that was."""

    sizes: ClassVar[list[int]] = []

    def __init__(self) -> None:
        self.secret_bytes = 0

    def feed(self, data: bytes) -> list[FoundLine]:
        self.sizes.append(len(data))
        time.sleep(0.03)
        return []

    def finish(self) -> list[FoundLine]:
        return []


def test_output_that_takes_long_to_be_read_is_read_in_small_portions(room: Room) -> None:
    """Between two of them others are looked after: their exits, their timeouts."""
    SlowListener.sizes.clear()

    room.sh("head -c 150000 /dev/zero", listener=SlowListener)

    assert 150_000 == sum(SlowListener.sizes)
    assert max(SlowListener.sizes) > 8192
    assert min(SlowListener.sizes) < 2048
