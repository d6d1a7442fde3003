"""A matrix means what it means at GitHub Actions, and its instances have names that cannot be mistaken."""

import pytest

from airexec.workflow.matrix import combinations, instance_id, names, size, value_name


def test_every_combination_the_first_key_varying_slowest() -> None:
    """As written."""
    expected = [{"py": 1, "os": "a"}, {"py": 1, "os": "b"}, {"py": 2, "os": "a"}, {"py": 2, "os": "b"}]

    assert expected == combinations({"py": [1, 2], "os": ["a", "b"]})


def test_exclude_drops_what_has_all_its_values() -> None:
    """One that names only some keys drops all that match."""
    matrix = {"py": [1, 2], "os": ["a", "b"], "exclude": [{"py": 1, "os": "a"}, {"py": 2}]}

    assert [{"py": 1, "os": "b"}] == combinations(matrix)


def test_exclude_tells_true_from_one_and_the_text_from_the_number() -> None:
    """Python would say that True == 1."""
    assert [{"a": 1}, {"a": "1"}] == combinations({"a": [1, True, "1"], "exclude": [{"a": True}]})


def test_include_follows_the_example_of_github() -> None:
    """The example of the documentation of GitHub Actions, step by step."""
    matrix = {
        "fruit": ["apple", "pear"],
        "animal": ["cat", "dog"],
        "include": [
            {"color": "green"},
            {"color": "pink", "animal": "cat"},
            {"fruit": "apple", "shape": "circle"},
            {"fruit": "banana"},
            {"fruit": "banana", "animal": "cat"},
        ],
    }

    expected = [
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    ]

    assert expected == combinations(matrix)


def test_include_alone_is_the_list_of_combinations() -> None:
    """For pairs that are no product."""
    matrix = {"include": [{"a": 1, "b": 2}, {"a": 3}]}

    assert [{"a": 1, "b": 2}, {"a": 3}] == combinations(matrix)
    assert ["t[1,2]", "t[3]"] == [instance_id("t", matrix, values) for values in combinations(matrix)]


def test_include_brings_back_what_was_excluded() -> None:
    """Excludes come first."""
    matrix = {"a": [1, 2], "exclude": [{"a": 1}], "include": [{"a": 1, "fast": True}]}

    assert [{"a": 2}, {"a": 1, "fast": True}] == combinations(matrix)


def test_an_instance_is_named_by_the_lists_in_their_order() -> None:
    """Values that `include` adds do not change the name."""
    matrix = {"py": ["3.11"], "os": ["linux"], "include": [{"extra": "x"}, {"os": "mac", "py": "3.12", "beta": True}]}

    ids = [instance_id("test", matrix, values) for values in combinations(matrix)]

    assert ["test[3.11,linux]", "test[3.12,mac]"] == ids


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("py311", "py311"), ("3.10", "3.10"), (3.1, "3.1"), (7, "7"), (True, "true"), (False, "false"),
        ("packages/api", "packages/api"), ("a=b@c:1+2", "a=b@c:1+2"), ("東京", "東京"), ("ü", "ü"),
        ("a,b", "a_b~"), ("x]", "x_~"), ("", "~"), ("🚀", "_~"), ("a b", "a_b~"), ("a\nb", "a_b~"),
        ("z" * 61, "z" * 60 + "~"),
    ],
)  # fmt: skip
def test_a_value_that_could_be_mistaken_gets_a_hash(value: object, name: str) -> None:
    """No comma, bracket, control character or endless text gets into an id."""
    found = value_name(value)

    assert name == (found if "~" not in found else found[:-6])
    assert len(found) <= 67


def test_values_that_look_alike_have_different_names() -> None:
    """Cut or replaced, they stay apart."""
    values = ["a,b", "a;b", "a_b", "e\u0301", "é", "🚀", "🚗", "z" * 61, "z" * 62]

    assert len(values) == len({value_name(value) for value in values})


def test_the_size_is_known_without_making_the_combinations() -> None:
    """A bomb of lists is refused before it goes off."""
    matrix = {f"k{number}": list(range(100)) for number in range(10)}

    assert 100**10 + 1 == size({**matrix, "include": [{"x": 1}]})
    assert 2 == size({"include": [{"x": 1}, {"x": 2}]})


def test_templates_may_name_every_key() -> None:
    """Of the lists and of the includes."""
    assert frozenset({"py", "beta"}) == names({"py": [1], "include": [{"beta": True}], "exclude": [{"py": 2}]})
