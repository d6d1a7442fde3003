"""One grammar of `::` lines: what airexec heeds nobody sees, and what is text everybody does, wherever it is shown."""

import pytest

from tests.e2e.rig import Airexec

TALKING = """\
echo begin
printf '::notice\\t"by tab"\\n'
echo '::progress {"done": 1, "total": 2}'
echo '::notice not json'
echo '::notice "on stderr"' >&2
echo '::queue {"id": "b", "command": "true"}'
echo end
exit 1
"""
SHOWN = ["begin", "::notice not json", '::notice "on stderr"', '::queue {"id": "b", "command": "true"}', "end"]
HIDDEN = ["by tab", "::progress"]


def write_talking(airexec: Airexec) -> None:
    """In a script of its own, since the command of a task is shown, too."""
    airexec.write("talk.sh", TALKING)
    airexec.write("w.yml", "tasks: {a: {command: [sh, talk.sh]}}\n")


@pytest.mark.parametrize("output", ["grouped", "stream", "prefixed"])
def test_the_console_shows_what_is_text(airexec: Airexec, output: str) -> None:
    """Also a line on stderr, which is never read for commands."""
    write_talking(airexec)

    done = airexec("run", "w.yml", "--output", output)

    shown, _, excerpt = done.out.partition("\n\n")
    for part in (shown, excerpt) if output != "grouped" else (shown,):  # whose block stands right above
        assert all(line in part for line in SHOWN)
        assert "::progress" not in part
    assert "notice: by tab" in shown
    assert "by tab" not in excerpt


def test_logs_and_reports_show_the_same(airexec: Airexec) -> None:
    write_talking(airexec)
    airexec("run", "w.yml", "--report-junit", "report.xml")

    logs = airexec("logs", "--job", "w").out
    report = (airexec.folder / "report.xml").read_text().replace("&quot;", '"')

    for text in (logs, report):
        assert all(line in text for line in SHOWN)
        assert not any(line in text for line in HIDDEN)


def test_the_log_itself_has_every_byte(airexec: Airexec) -> None:
    """For one task into a pipe `logs` prints it as it is."""
    write_talking(airexec)
    airexec("run", "w.yml")

    assert all(line in airexec("logs", "a", "--job", "w").out for line in [*SHOWN, *HIDDEN])
