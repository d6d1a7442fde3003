"""What is wrong with what is to start a workflow: its schedule, its triggers, and the params that they would set."""

import pytest

from tests.workflow.reading import complaints

BUILD = "tasks: {build: {command: make}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timezone: Europe/Berln\nschedule: '@daily'\n", """\
f.yml:1:11: error: there is no time zone 'Europe/Berln'
    1 | timezone: Europe/Berln
      |           ^^^^^^^^^^^^
  hint: did you mean 'Europe/Berlin'?
"""),
        ("timezone: ../etc/passwd\nschedule: '@daily'\n", """\
f.yml:1:11: error: there is no time zone '../etc/passwd'
    1 | timezone: ../etc/passwd
      |           ^^^^^^^^^^^^^
  hint: such as Europe/Berlin
"""),
        ("start_date: 2026-02-30\nschedule: '@daily'\n", """\
f.yml:1:13: error: '2026-02-30' is no day of the calendar, or no time of a day
    1 | start_date: 2026-02-30
      |             ^^^^^^^^^^
"""),
        ("start_date: 9999-12-31\nschedule: '@daily'\n", """\
f.yml:1:13: error: '9999-12-31' is not between 1970 and 3000
    1 | start_date: 9999-12-31
      |             ^^^^^^^^^^
"""),
        ("triggers: [{files: b}]\nparams: {files: 5}\n", """\
f.yml:2:17: error: param 'files' is to hold a list of files, and its type is integer
    2 | params: {files: 5}
      |                 ^
"""),
        ("start_date: tomorrow\nschedule: '@daily'\n", """\
f.yml:1:13: error: 'start_date' cannot be 'tomorrow'
    1 | start_date: tomorrow
      |             ^^^^^^^^
  hint: a date is like 2026-01-31, or with a time 2026-01-31T06:00, 2026-01-31T06:00:00+01:00
"""),
        ("catchup: true\n", """\
f.yml:1:1: warning: 'catchup' without a 'schedule' has no effect
    1 | catchup: true
      | ^^^^^^^
"""),
        ("triggers: [{job: a, files: b}]\n", """\
f.yml:1:12: error: a trigger has either 'job' or 'files'
    1 | triggers: [{job: a, files: b}]
      |            ^
  hint: write two items for two triggers
"""),
        ("triggers: [{files: b, state: failed}]\n", """\
f.yml:1:23: warning: 'state' without 'job' has no effect
    1 | triggers: [{files: b, state: failed}]
      |                       ^^^^^
"""),
        ("triggers: [{job: f}]\n", """\
f.yml:1:18: error: 'f' is this job: it would start itself again and again
    1 | triggers: [{job: f}]
      |                  ^
"""),
        ("triggers: [{files: b, param: fles}]\nparams: {files: []}\n", """\
f.yml:1:30: error: param 'fles' is not defined
    1 | triggers: [{files: b, param: fles}]
      |                              ^^^^
  hint: did you mean 'files'?
"""),
        ("triggers: [{files: b, param: n}]\nparams: {n: 1}\n", """\
f.yml:1:30: error: param 'n' is to hold a list of files, and its type is integer
    1 | triggers: [{files: b, param: n}]
      |                              ^
"""),
        ("schedule: '@daily'\nparams: {scheduled_at: 1}\n", """\
f.yml:2:24: error: param 'scheduled_at' is to hold the time of the tick, and its type is integer
    2 | params: {scheduled_at: 1}
      |                        ^
"""),
        ("schedule: '@daily'\nparams: {n: {type: integer}}\n", """\
f.yml:2:13: error: param 'n' has no default, and nobody sets it when the job manager starts a run
    2 | params: {n: {type: integer}}
      |             ^
  hint: give it a default
"""),
        ("on: {push: 1}\n", """\
f.yml:1:1: error: unknown key 'on'
    1 | on: {push: 1}
      | ^^
  hint: it is called 'triggers' here
"""),
    ],
)  # fmt: skip
def test_mistakes(text: str, said: str) -> None:
    """One message each, with what would mend it."""
    assert said == complaints(text + BUILD)


@pytest.mark.parametrize(
    "text",
    [
        "schedule: 0 6 * * *\ntimezone: America/New_York\nstart_date: 2026-01-31T06:00\noverlap: queue\n",
        "schedule: '@daily'\nparams: {scheduled_at: {type: string}}\n",
        "triggers: [{files: [in/*.csv, /srv/in/**], settle: 1m}]\nparams: {files: {type: array}}\n",
        "triggers: [{job: etl, state: ended, param: id}]\nparams: {id: ''}\n",
    ],
)
def test_nothing_is_said_of_what_is_good(text: str) -> None:
    """A param may go without a default where whatever starts a run sets it."""
    assert complaints(text + BUILD) == ""
