"""`airexec help`: the manual by its topics."""

import pytest

from airexec.cli.application import help_of_command
from airexec.cli.commands.help import MANUAL, TOPICS, show_help
from airexec.errors import UsageError


def test_it_lists_the_topics_with_what_they_are_about(capsys: pytest.CaptureFixture[str]) -> None:
    show_help(None, help_of_command)

    head, blank, *topics = capsys.readouterr().out.splitlines()
    assert ("airexec help TOPIC, or airexec COMMAND --help", "") == (head, blank)
    assert list(TOPICS) == [line.split()[0] for line in topics]
    assert "  rules       When a task runs, given how its upstream ended" in topics


@pytest.mark.parametrize("topic", TOPICS)
def test_where_nobody_looks_at_a_terminal_a_page_is_markdown(topic: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As it is in the repository."""
    show_help(topic, help_of_command)

    assert (MANUAL / f"{topic}.md").read_text() == capsys.readouterr().out


def test_a_command_has_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    show_help("logs", help_of_command)

    assert capsys.readouterr().out.startswith("Usage: airexec logs [OPTIONS] [JOB] [TASK]\n")


def test_a_topic_that_there_is_not_has_a_nearest_one() -> None:
    with pytest.raises(UsageError) as refused:
        show_help("templtes", help_of_command)

    assert ("there is no topic 'templtes'", "did you mean 'templates'?") == (refused.value.headline, refused.value.hint)
