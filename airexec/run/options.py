"""What the command line asks of a run, as one value; None means: not said, the workflow decides."""

from typing import TYPE_CHECKING, NamedTuple

from airexec.workflow.find import StrPath

if TYPE_CHECKING:
    from airexec.triggers.start import Start

OUTPUT_MODES = ("auto", "grouped", "stream", "prefixed", "quiet")


class RunOptions(NamedTuple):
    """Options of `airexec run`; `airexec resume` uses those that make sense for it."""

    workflow: StrPath | None = None
    tasks: tuple[str, ...] = ()
    """Task ids to run with all that they need; empty: all."""
    tags: tuple[str, ...] = ()
    """The tasks with one of these as well; with no `tasks` those alone."""
    job: str | None = None
    max_active_tasks: int | None = None
    keep_going: bool = False
    params: tuple[str, ...] = ()
    """`KEY=VALUE` as typed; the last of a key wins, and all win over `params_file`."""
    params_file: StrPath | None = None
    args: tuple[str, ...] = ()
    """The words behind `--`."""
    force: bool = False
    """Run the tasks that are named, or all, though nothing has changed."""
    explain: bool = False
    """Say for each task why it runs."""
    dry_run: bool = False
    output: str = "auto"
    """`auto` (live on a terminal, else grouped), `grouped`, `stream`, `prefixed` or `quiet`."""
    default_output: str = "auto"
    """What `auto` means by the settings."""
    json: bool = False
    report_junit: StrPath | None = None
    shuffle: int | None = None
    state_dir: StrPath | None = None
    sync: str = "batch"
    """`off`, `batch` or `barrier`."""
    run_id: str | None = None
    """resume only: this run, or what its id begins or ends with; None: the newest that is not completed."""
    accept_changes: bool = False
    """resume only: take the workflow file as it is now."""
    accept_foreign_state: bool = False
    """resume only: go on with a run that this user did not make on this machine."""
    start: "Start | None" = None
    """run only: what a job manager starts it for."""
    wait: float | None = None
    """Seconds to wait for the lock of the job; None: not at all."""
    allow_network_state: bool = False
