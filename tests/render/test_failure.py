"""What Helm prints when it fails, taken apart."""

from generator.render import codes
from generator.render.failure import Failure, failures, missing_dependencies


def test_messages_are_one_line_of_reasonable_length() -> None:
    [failure] = failures("Error: execution error at (c/templates/a.yaml:1:0): " + "very\nlong " * 10_000)
    assert len(failure.message) < 500
    assert "\n" not in failure.message


def test_what_is_wrong_with_the_card_leads_to_its_key() -> None:
    [failure] = failures("Error: chart requires kubeVersion: >1.30 which is incompatible with Kubernetes v1.20.0")
    assert failure == Failure(
        codes.CHART,
        "chart requires kubeVersion: >1.30 which is incompatible with Kubernetes v1.20.0",
        "Chart.yaml",
        key=("kubeVersion",),
    )
    [failure] = failures("Error: validation: chart.metadata.version is required")
    assert (failure.file, failure.key) == ("Chart.yaml", ("version",))


def test_lines_of_a_log_are_no_part_of_the_message() -> None:
    for log in ('level=INFO msg="found symbolic link" path=c/templates/a.yaml:1:2', "walk.go:75: found symbolic link"):
        assert failures(f"{log}\nError: something else")[0] == Failure(codes.CHART, "something else")


def test_schema_violations_of_both_majors() -> None:
    new = "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nc:\n"
    old = new
    new += "- at '': missing property 'z'\n- at '/a~1x/0': got number, want string\n"
    old += "- (root): z is required\n- a.0: Invalid type. Expected: string, given: integer\n"
    assert [(found.values_path, found.message) for found in failures(new)] == [
        ((), "missing property 'z'"),
        (("a/x", 0), "got number, want string"),
    ]
    assert [(found.values_path, found.message) for found in failures(old)] == [
        ((), "z is required"),
        (("a", 0), "Invalid type. Expected: string, given: integer"),
    ]


def test_missing_dependencies_are_named() -> None:
    text = "Error: an error occurred …: found in Chart.yaml, but missing in charts/ directory: redis, pg\n"
    assert missing_dependencies(text) == ("redis", "pg")
    assert missing_dependencies("Error: something else") == ()


def test_silence_is_a_failure_too() -> None:
    assert failures("")[0].message == "Helm failed without a message"
