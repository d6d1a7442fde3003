"""Scripts of a package.json as tasks."""

import json

import pytest

from airexec.adopt.npm import read_package
from airexec.workflow.diagnostics import WorkflowError
from tests.adopt.drafts import source, text_of

HEAD = """\
# npm has no default; this one is what a bare `airexec run` is for, name another as you like.
env: {PATH: "node_modules/.bin:{{ env.PATH }}"}
"""


def read(scripts: dict[str, str], **more: str) -> str:
    return text_of(read_package(source(json.dumps({"name": "shop", "scripts": scripts, **more}))))


def test_a_script_is_its_own_text() -> None:
    """What comes before it is a dependency, what comes after it stands behind it, as with `npm run`."""
    scripts = {
        "prebuild": "rm -rf dist",
        "build": "tsc -p . && vite build",
        "postbuild": "node post.js",
        "lint": "eslint 'src/**/*.{ts,tsx}'",
        "containers": "docker ps --format '{{.Names}}'",
    }

    assert read(scripts) == (
        f"{HEAD}"
        "default: build\n"
        "\n"
        "tasks:\n"
        "  prebuild:\n"
        "    command: rm -rf dist\n"
        "\n"
        "  build:\n"
        "    dependencies: prebuild\n"
        "    command: |\n"
        "      tsc -p . && vite build\n"
        "      # postbuild\n"
        "      node post.js\n"
        "\n"
        "  lint:\n"
        "    command: eslint 'src/**/*.{ts,tsx}'\n"
        "\n"
        "  containers:\n"
        "    command: docker ps --format '{% raw %}{{.Names}}{% endraw %}'\n"
    )


def test_scripts_that_a_script_begins_with_are_dependencies() -> None:
    """One that it waits for, or several that it runs at the same time."""
    scripts = {"all": "run-p lint test", "lint": "eslint .", "test": "npm run lint && jest"}

    assert read(scripts).endswith(
        "default: test\n"
        "\n"
        "tasks:\n"
        "  all:\n"
        "    dependencies: [lint, test]\n"
        '    command: "true"\n'
        "\n"
        "  lint:\n"
        "    command: eslint .\n"
        "\n"
        "  test:\n"
        "    dependencies: lint\n"
        "    command: jest\n"
    )


def test_where_order_matters_the_script_stays() -> None:
    """`a && b` of two scripts is not the same as both at once."""
    scripts = {"all": "npm run a || npm run b", "a": "x", "b": "y"}

    assert "  all:\n    command: npm run a || npm run b\n" in read(scripts)


@pytest.mark.parametrize(
    ("manager", "command"),
    [("npm", "npm run --ignore-scripts v"), ("yarn@4.1.0", "yarn run v"), ("pnpm@9", "pnpm run v")],
)
def test_what_needs_more_of_npm_is_left_to_it(manager: str, command: str) -> None:
    """Its variables, and a folder where a relative PATH would lead elsewhere."""
    text = read({"v": "echo $npm_package_version", "w": "cd web && vite"}, packageManager=manager)

    assert [f"    command: {command}", f"    command: {command[:-1]}w"] == [
        it for it in text.splitlines() if "run" in it
    ][1:]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "file:1:2: this is not JSON: expecting property name enclosed in double quotes"),
        ("[]", "file:1:1: 'scripts' must be a map from names to commands"),
        ('{"scripts": {"a": 1}}', "file:1:2: 'scripts' must be a map from names to commands"),
        ("[" * 100_000, "file:1:1: this is nested too deep"),
    ],
)
def test_a_mistake_has_a_place(text: str, message: str) -> None:
    with pytest.raises(WorkflowError) as raised:
        read_package(source(text))

    assert message == str(raised.value)


def test_without_scripts_there_is_nothing() -> None:
    assert () == read_package(source("{}")).tasks
