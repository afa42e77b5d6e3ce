"""What the fields of answers are called and shown as, as their Structs say."""

from __future__ import annotations

import msgspec

import classcord.cli.backup.run  # noqa: F401 (has answers of its own)
from classcord.chat.events import Answer, Row
from classcord.chat.requests import subclasses
from classcord.console.commands import columns


def structs() -> list[type[msgspec.Struct]]:
    """Every Struct whose fields are shown; none that a test has made."""
    kinds: list[type[msgspec.Struct]] = [Row, Answer, *subclasses(Row), *subclasses(Answer)]
    return [kind for kind in kinds if kind.__module__.startswith("classcord.")]


def test_a_field_has_one_label_wherever_it_occurs() -> None:
    """One Struct says it; a second one that did could call the same thing by two names."""
    said = [name for kind in structs() for name in vars(kind).get("labels", {})]
    assert sorted(said) == sorted(set(said))
    assert set(said) <= columns.labels().keys()


def test_every_column_has_a_label() -> None:
    """No reader finds a name of the code at the head of a table."""
    shown = {name for kind in structs() if issubclass(kind, Row) for name in kind.__struct_fields__}
    in_no_table = {name for name, value in columns.values().items() if value == "nowhere"}
    assert shown - columns.labels().keys() == in_no_table


def test_a_field_is_the_same_kind_of_value_wherever_it_occurs() -> None:
    """In a table, in a list of fields and in the audit trail; and what may be missing is what it is, too."""
    values = columns.values()
    for kind in structs():
        own = msgspec.structs.fields(kind)
        assert {field.name: values.get(field.name) for field in own} == {
            field.name: columns._values_of(kind).get(field.name) for field in own
        }
    assert (values["since"], values["stops_at"], values["commit_p99"]) == ("time", "time", "seconds")
    assert (values["memory"], values["before"], values.get("name")) == ("bytes", "payload", None)
