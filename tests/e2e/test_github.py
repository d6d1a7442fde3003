"""airexec as a step of GitHub Actions: what the runner there would obey, and what it must not."""

from tests.e2e.rig import Airexec

FLOW = """\
tasks:
  sly:
    command: |
      echo '::error file=x::not ours'
      echo '  ::stop-commands::x'
      echo '##[error]not ours'
  bad: {command: "echo broken; exit 2", dependencies: sly}
"""


def test_a_step_has_groups_annotations_and_a_summary(airexec: Airexec) -> None:
    """And no task can issue a command."""
    airexec.write("flow.yml", FLOW)
    env = {
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_WORKSPACE": str(airexec.folder),
        "GITHUB_STEP_SUMMARY": str(airexec.folder / "summary.md"),
    }

    result = airexec("run", "flow.yml", env=env)

    commands = [line for line in result.out.splitlines() if line.lstrip().startswith("::") or "##[" in line]
    assert 1 == result.exit_code
    assert ["::group::", "::endgroup::", "::group::", "::endgroup::", "::error file=flow.yml,line=7,"] == [
        command[: len(wanted)]
        for command, wanted in zip(
            commands,
            ["::group::", "::endgroup::", "::group::", "::endgroup::", "::error file=flow.yml,line=7,"],
            strict=True,
        )
    ]
    assert "bad" in airexec.read("summary.md")


def test_logs_are_no_commands_either(airexec: Airexec) -> None:
    """`airexec logs` in a later step shows them with a backslash where they would be one."""
    airexec.write("flow.yml", FLOW)
    airexec("run", "flow.yml")

    lines = airexec("logs", "sly", env={"GITHUB_ACTIONS": "true"}).out.splitlines()

    assert ["\\::error file=x::not ours", "  \\::stop-commands::x", "#\\#[error]not ours"] == lines
