"""What follows from how upstream ended: tallies, verdicts of the trigger rules, and the order among ready tasks.

Nobody goes round asking which tasks could start. Each task has a tally of how its upstream has ended, and whoever ends
adds to the tallies of its direct downstream, so an event costs as much as a task has neighbours. When a tally can have
an answer, the rule is asked (`ask_rule`), and what it says is kept: in `run.ready` until there is a slot, in
`run.refused` until `decide` makes the event of it. Three things make that right:

- A verdict other than WAIT is final (`trigger_rules.judge`). So a task that is ready or refused is never asked again,
  and nothing has to be taken back.
- Each edge is counted once: when its upstream ends, or when the edge comes to be and the upstream has ended before.
- An edge AFTER is order and nothing else: it is in no tally. Each whose upstream has not ended is a gate, and the rule
  of a task is not asked while one is open, so that it gives the answer that it would give without.
- Only a splice brings edges later, and none to a task that is ready, refused or started.

To ask all pending tasks after each event would need none of this, and be 10 000 questions after each of the 20 000
events that 10 000 tasks have. `tests/simulation` counts from scratch for each task that starts, and compares.

All of it is cache: `rebuild_caches` computes it from the edges and statuses alone, and only `apply` changes a run by it
(`reopen.abandoned` moves tasks in a copy of its own, to show a run that nobody works on any more).
"""

import heapq
import zlib

from airexec.graph.walks import remaining_path
from airexec.scheduler.events import Because, TaskSkipped, TaskUpstreamFailed
from airexec.scheduler.state import Edge, Run, TaskState
from airexec.scheduler.statuses import Status
from airexec.scheduler.trigger_rules import Tally, Verdict, decides_early, deciding, judge


def rebuild_caches(run: Run) -> None:
    """Work everything out anew, where more has changed than one event of a task: at the start, a resume, a reset."""
    assert run.plan is not None
    run.downstream, run.ready, run.refused, run.pool_used, run.failed = {}, {}, {}, {}, {}
    run.unasked = {}
    run.counts = dict.fromkeys(Status, 0)
    run.queued_total = sum(state.came_later for state in run.tasks.values())
    run.up_to_date = sum(state.built is not None for state in run.tasks.values())
    written = {task_id: state.task for task_id, state in run.tasks.items()}
    run.remaining = remaining_path(written, run.plan.durations)
    for state in run.tasks.values():
        run.counts[state.status] += 1
        state.tally, state.ready = Tally(), False
        count_upstream(run, state)
        if state.status is Status.FAILED:
            run.failed[state.task.id] = None
    # Asks who is downstream of whom, so the walk above must be over.
    run.untolerated = sum(not run.tolerates(task_id) for task_id in run.failed)
    for state in run.tasks.values():
        ask_rule(run, state)


def count_upstream(run: Run, state: TaskState) -> None:
    """Enter a task into the lists of its upstream, and count those that have ended already."""
    task_id, tally, tasks, downstream = state.task.id, state.tally, run.tasks, run.downstream
    tally.total += len(state.upstream)
    state.gates = 0
    for upstream_id, edge in state.upstream.items():
        if upstream_id in downstream:
            downstream[upstream_id].append(task_id)
        else:
            downstream[upstream_id] = [task_id]
        if edge is Edge.EMITTED:
            tally.count(Status.COMPLETED)  # the line was the promise, whatever becomes of who printed it
        elif edge is Edge.AFTER:
            tally.total -= 1
            state.gates += not tasks[upstream_id].is_terminal
        elif tasks[upstream_id].status is not Status.PENDING and (counts_as := outcome(tasks[upstream_id], edge)):
            tally.count(counts_as)


def outcome(upstream: TaskState, edge: Edge) -> Status | None:
    """Return how a finished upstream counts on an edge: a failure that is tolerated counts as success.

    None while it is not finished. A cancelled task is never counted: its run is ending, and nobody is judged then.
    """
    status = upstream.status
    if edge is Edge.EMITTED:
        return None  # counted as a success when the line was spliced
    if status is Status.COMPLETED or status is Status.SKIPPED:
        return status
    if status is Status.FAILED:
        return Status.COMPLETED if edge is Edge.TOLERANT or upstream.may_fail else status
    if status is Status.UPSTREAM_FAILED:
        return Status.COMPLETED if edge is Edge.TOLERANT else status
    return None


def move(run: Run, state: TaskState, status: Status) -> None:
    """Change a status, and the counts with it. A retry, a start and a cancelled task are moved: nobody is judged."""
    run.counts[state.status] -= 1
    run.counts[status] += 1
    state.status = status


def finish(run: Run, state: TaskState, status: Status) -> None:
    """End a task for good and judge what is downstream of it."""
    move(run, state, status)
    task_id = state.task.id
    for downstream_id in run.downstream.get(task_id, ()):
        downstream = run.tasks[downstream_id]
        edge = downstream.upstream[task_id]
        if edge is Edge.AFTER:
            downstream.gates -= 1
            ask_rule(run, downstream)
        elif (counts_as := outcome(state, edge)) is not None:
            tally = downstream.tally
            tally.count(counts_as)
            # Most rules have nothing to say before the last upstream; one task may have a hundred thousand of them.
            if tally.finished >= tally.total or decides_early(downstream.task.trigger_rule, counts_as):
                ask_rule(run, downstream)


def ask_rule(run: Run, state: TaskState) -> None:
    """Ask the trigger rule of a task that is still open and has no gate in front, and keep a final answer."""
    task_id = state.task.id
    if state.gates or state.status is not Status.PENDING or state.ready or task_id in run.refused:
        return
    verdict = judge(state.task.trigger_rule, state.tally)
    if verdict is Verdict.RUN:
        make_ready(run, state)
    elif verdict is Verdict.SKIP:
        run.refused[task_id] = TaskSkipped(task_id, _because(run, state, verdict))
    elif verdict is Verdict.UPSTREAM_FAILED:
        run.refused[task_id] = TaskUpstreamFailed(task_id, _because(run, state, verdict))


def _because(run: Run, state: TaskState, verdict: Verdict) -> Because:
    rule, tally = state.task.trigger_rule, state.tally
    against = deciding(rule, verdict)
    named = [
        upstream
        for upstream, edge in state.upstream.items()
        if edge not in (Edge.EMITTED, Edge.AFTER) and outcome(run.tasks[upstream], edge) in against
    ]
    counts = ("success", "completed"), ("failed", "failed"), ("upstream_failed",) * 2, ("skipped",) * 2
    words = ", ".join(f"{number} {word}" for name, word in counts if (number := getattr(tally, name)))
    return Because(str(rule), f"{words} of {tally.total} upstream", tuple(named[:5]))


def make_ready(run: Run, state: TaskState) -> None:
    """Let a task wait for a slot. A heap per pool: a full pool must not hold up the tasks of another one."""
    state.ready = True
    if state.task.says_what:
        run.unasked[state.task.id] = None
    heapq.heappush(run.ready.setdefault(state.task.pool, []), (*_precedence(run, state), state.task.id))


def _precedence(run: Run, state: TaskState) -> tuple[int, float, int]:
    """Return the sort key among ready tasks: `priority_weight`, longest remaining path, file order."""
    assert run.plan is not None
    if run.plan.shuffle is not None:
        shuffled = zlib.crc32(f"{run.plan.shuffle}:{state.task.id}".encode())
        return -state.task.priority_weight, 0.0, shuffled
    return -state.task.priority_weight, -run.remaining[state.task.id], state.order


def next_unasked(run: Run) -> TaskState | None:
    """Return a task that waits for a slot, and perhaps has nothing to do, which needs none; each is returned once."""
    while run.unasked:
        task_id = next(iter(run.unasked))
        del run.unasked[task_id]
        if (state := run.tasks.get(task_id)) is not None and state.ready:
            return state
    return None


def hold(run: Run, state: TaskState) -> None:
    """Keep a ready task from being started, while somebody looks whether it has to be."""
    leave_ready(run, state)
    run.held.add(state.task.id)


def let_go(run: Run, state: TaskState) -> None:
    """Let a task that was held be started, or whatever else has been found out."""
    run.held.discard(state.task.id)
    if state.status is Status.PENDING:
        make_ready(run, state)


def leave_ready(run: Run, state: TaskState) -> None:
    """Forget that a task is ready. It is nearly always the top of its heap; stale entries go when they get there.

    So the top of a heap is never stale, on which `decide` relies. To take an entry out of the middle would cost as much
    as the heap has.
    """
    state.ready = False
    heap = run.ready.get(state.task.pool, [])
    while heap and not run.tasks[heap[0][-1]].ready:
        heapq.heappop(heap)
