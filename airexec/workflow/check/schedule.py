"""What the schema cannot say about `schedule`, `triggers`, and the keys that belong to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from airexec.workflow.build import Fields, build_params
from airexec.workflow.check.cron import cron_problem
from airexec.workflow.diagnostics import Finding, Path
from airexec.workflow.wording import did_you_mean, quoted
from airexec.workflow.yaml.places import Places

_OF_A_SCHEDULE = ("timezone", "start_date", "catchup", "overlap")
_OF_A_TRIGGER = {"state": "job", "settle": "files"}
_FIELDS = "the fields are minute, hour, day of month, month, day of week"


def check_schedule(data: Fields, job: str, places: Places) -> Iterator[Finding]:
    """Yield what is wrong with what starts the workflow; `job` is the name of the file's own job."""
    checker = _Checker(data, job, places)
    if "schedule" in data:
        yield from checker.schedule()
    yield from checker.belongings()
    for place, trigger in enumerate(data.get("triggers", ())):
        yield from checker.trigger(("triggers", place), trigger)
    if "schedule" in data or "triggers" in data:
        yield from checker.params()


class _Checker:
    def __init__(self, data: Fields, job: str, places: Places) -> None:
        self._data = data
        self._job = job
        self._places = places
        self._params: Mapping[str, Any] = build_params(data.get("params", {}))

    def schedule(self) -> Iterator[Finding]:
        if problem := cron_problem(self._data["schedule"]):
            yield self._at(("schedule",), problem, _FIELDS)
        if "scheduled_at" in self._params:
            yield from self._kind(("params", "scheduled_at"), "scheduled_at", "the time of the tick", "string")

    def belongings(self) -> Iterator[Finding]:
        """Yield what is wrong with the keys beside `schedule`."""
        from airexec.workflow.dates import date_problem, timezone_problem

        if "timezone" in self._data and (found := timezone_problem(self._data["timezone"])):
            yield self._at(("timezone",), *found)
        if "start_date" in self._data and (problem := date_problem(self._data["start_date"])):
            yield self._at(("start_date",), problem)
        if "schedule" not in self._data:
            for key in _OF_A_SCHEDULE:
                if key in self._data:
                    yield self._useless((key,), "without a 'schedule'")

    def trigger(self, path: Path, trigger: Fields) -> Iterator[Finding]:
        if ("job" in trigger) == ("files" in trigger):
            yield self._at(path, "a trigger has either 'job' or 'files'", "write two items for two triggers")
            return
        for key, other in _OF_A_TRIGGER.items():
            if key in trigger and other not in trigger:
                yield self._useless((*path, key), f"without {quoted(other)}")
        if trigger.get("job") == self._job:
            yield self._at((*path, "job"), f"{quoted(self._job)} is this job: it would start itself again and again")
        yield from self._param(path, trigger)

    def _param(self, path: Path, trigger: Fields) -> Iterator[Finding]:
        name = trigger.get("param")
        if name is None and "files" in trigger and "files" in self._params:
            yield from self._kind(("params", "files"), "files", "a list of files", "array")
        if name is None:
            return
        if name not in self._params:
            hint = did_you_mean(name, self._params) or f"define it under params, such as  params: {{{name}: []}}"
            yield self._at((*path, "param"), f"param {quoted(name)} is not defined", hint)
            return
        what, wanted = ("a list of files", "array") if "files" in trigger else ("the id of a run", "string")
        yield from self._kind((*path, "param"), name, what, wanted)

    def _kind(self, path: Path, name: str, what: str, wanted: str) -> Iterator[Finding]:
        kind = self._params[name].get("type", wanted)
        if wanted not in ([kind] if isinstance(kind, str) else kind):
            yield self._at(path, f"param {quoted(name)} is to hold {what}, and its type is {kind}")

    def params(self) -> Iterator[Finding]:
        """Yield the params that nobody would set."""
        triggers = self._data.get("triggers", ())
        given = [{trigger.get("param", "files" if "files" in trigger else "")} for trigger in triggers]
        if "schedule" in self._data:
            given.append({"scheduled_at"})
        known = set.intersection(*given) if given else set()
        for path, schema in self._asked_for():
            if "default" not in schema and path[-1] not in known:
                name = quoted(str(path[-1]))
                message = f"param {name} has no default, and nobody sets it when the job manager starts a run"
                yield self._at(path, message, "give it a default")

    def _asked_for(self) -> Iterator[tuple[Path, Mapping[str, Any]]]:
        """Yield the params that a run has which names no task, as far as they are those of the file or all run."""
        yield from ((("params", name), schema) for name, schema in self._params.items())
        for task_id, fields in () if "default" in self._data else self._data.get("tasks", {}).items():
            if not fields.get("manual"):
                own = build_params(fields.get("params", {})).items()
                yield from ((("tasks", task_id, "params", name), it) for name, it in own if name not in self._params)

    def _useless(self, path: Path, why: str) -> Finding:
        return Finding(self._places.key(path), f"{quoted(str(path[-1]))} {why} has no effect", severity="warning")

    def _at(self, path: Path, message: str, hint: str = "") -> Finding:
        return Finding(self._places.value(path), message, hint)
