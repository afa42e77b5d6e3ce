"""Names: what one can be called, what is the same name, and what a guest gets (classic rules 12, 13 and 18)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classcord.chat.errors import BadAlias, BadRequest, BadUsername
from classcord.chat.names import (
    LONGEST,
    RESERVED,
    STAFF_NAMES,
    channel_key,
    check_alias,
    check_channel,
    check_key_name,
    check_username,
    conversation,
    guest_name,
    name_key,
)
from classcord.chat.text import Text

CHARACTERS = "abIİıZéßǰﬁ01٢०.-_ \u0307\u0301\ufe00\u200d\u3164АаβΣς田々한ー<#@:/()invité\n\0\ud800"
NAMES = st.text(CHARACTERS, max_size=70) | st.text(max_size=70)


@pytest.mark.parametrize(
    "name",
    [
        "bob",
        "Zoé",
        "Jean-Pierre",
        "d_artagnan",
        "bob 2",
        "J.R.R. Tolkien",
        "007a",
        "Алиса",
        "مريم ٢",
        "שרה",
        "राज",
        "佐々木",
        "田中さん",
        "한국어",
        "Ọlábọ̀dé",
        "İbrahim",
        "x" * 64,
        "straße",
    ],
)
def test_names_of_any_script_are_kept_as_they_are(name: str) -> None:
    """Letters of any one script, digits, `_ - .` and single inner spaces make a name."""
    assert check_username(name) == name


@pytest.mark.parametrize(
    ("name", "flaw"),
    [
        ("", "it is empty"),
        ("   ", "it is empty"),
        ("\u3000", "it is empty"),
        ("x" * 65, "it is longer than 64 characters"),
        ("ﷺ" * 4, "it is longer than 64 characters"),
        (" bob", "spaces only stand single, between words"),
        ("bob ", "spaces only stand single, between words"),
        ("bob  2", "spaces only stand single, between words"),
        ("...", "it has no letter and no digit"),
        ("-", "it has no letter and no digit"),
        ("global", "it is reserved"),
        ("SERVEUR", "it is reserved"),
        ("Système", "it is reserved"),
        ("tout le monde", "it is reserved"),
        ("ＳＹＳＴＥＭ", "it is reserved"),
        ("ınvıté".replace("ı", "i\u0307"), "it is reserved"),
        ("аdmin", "its letters come from several scripts"),
        ("bοb", "its letters come from several scripts"),
        ("b०b", "its letters come from several scripts"),
        ("bo\u05b4b", "its letters come from several scripts"),
        ("田中bob", "its letters come from several scripts"),
        ("カ한", "its letters come from several scripts"),
    ],
)
def test_a_refused_name_is_told_why(name: str, flaw: str) -> None:
    """A name that cannot be had is refused with the reason, in the reader's language."""
    with pytest.raises(BadUsername) as caught:
        check_username(name)
    assert caught.value.text == Text(BadUsername.template, {"why": Text(flaw)})
    assert caught.value.field == "username"


@pytest.mark.parametrize("character", [*"<>#@:/\\\"'()[]{}!?*&%$,;|`~^+=€", "\0", "\n", "\t", "\x1b", "\x7f", "🙂"])
def test_signs_and_control_characters_are_in_no_name(character: str) -> None:
    """What could be taken for a channel, a command, markup or an escape sequence is refused."""
    for name in (f"bob{character}", f"b{character}ob"):
        with pytest.raises(BadUsername):
            check_username(name)


@pytest.mark.parametrize(
    "invisible",
    [
        "\u200b",
        "\u200d",
        "\u00ad",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ufe00",
        "\U000e0100",
        "\u034f",
        "\u115f",
        "\u3164",
        "\uffa0",
        "\u17b4",
        "\u180b",
        "\ud800",
        "\ue000",
        "\uffff",
    ],
)
def test_nothing_invisible_makes_another_name(invisible: str) -> None:
    """Characters that nobody sees are refused, or “alice” could be had twice; alone they are no name either."""
    for name in (f"alice{invisible}", f"al{invisible}ice", invisible):
        with pytest.raises(BadUsername):
            check_username(name)
        given_name = guest_name(name, {"alice"}.__contains__)
        assert unicodedata.normalize("NFC", given_name).isprintable()
        assert given_name != "alice"


def test_marks_stand_on_letters_and_not_in_heaps() -> None:
    """A name does not begin with a mark, and nobody's name hangs over the lines around it."""
    assert check_username("z\u0335\u0336\u0337\u0338o") == "z\u0335\u0336\u0337\u0338o"
    for name in ("\u0335bob", "z\u0335\u0336\u0337\u0338\u0335o", "bo\u20ddb"):
        with pytest.raises(BadUsername):
            check_username(name)


@pytest.mark.parametrize(
    "same",
    [
        ("bob", "BOB", "Bob", "ｂｏｂ", "𝒷ℴ𝒷", " bob "),
        ("zoé", "ZOÉ", "zoe\u0301"),
        ("ali", "ali\u0307", "ALİ", "AlI"),
        ("jo", "j\u0307o"),
        ("ﬁn", "fin", "FIN"),
        ("алиса", "АЛИСА"),
        ("a b", "A\u00a0b", "a  b"),
    ],
)
def test_names_that_look_alike_are_one_name(same: tuple[str, ...]) -> None:
    """Case, width, composition, spaces and a dot upon a dot make no difference."""
    assert len({name_key(name) for name in same}) == 1


@pytest.mark.parametrize(("one", "other"), [("zoé", "zoe"), ("bob", "bob2"), ("bob", "b.ob"), ("ab", "a b")])
def test_names_that_differ_are_two(one: str, other: str) -> None:
    """An accent, a digit or a space makes another name."""
    assert name_key(one) != name_key(other)


def test_an_alias_is_what_a_name_may_be() -> None:
    """An alias has the rules of names, and its refusal says that it is the alias."""
    assert check_alias("Ｂｏｂ") == "Bob"
    with pytest.raises(BadAlias) as caught:
        check_alias("#bob")
    assert (caught.value.field, caught.value.code) == ("alias", "bad_username")


@given(NAMES)
@example("\u0130\u0301")
@example("\u0130\u0307")
@settings(max_examples=100)
def test_keys_never_fail_and_say_the_same_again(name: str) -> None:
    """Any string has a key; that of a name that can be had is stable under normalisation and is its own key."""
    key = name_key(name)
    try:
        checked = check_username(name)
    except BadUsername:
        return
    assert name_key(checked) == key
    assert name_key(unicodedata.normalize("NFD", checked)) == key
    assert name_key(key) == key
    assert name_key(f" {checked} ") == key


@given(NAMES)
@settings(max_examples=100)
def test_a_checked_name_passes_again_unchanged(name: str) -> None:
    """What came out of the check is in its normal form, short enough, and nobody's reserved name."""
    try:
        checked = check_username(name)
    except BadUsername:
        return
    assert check_username(checked) == checked
    assert len(checked) <= LONGEST
    assert checked.isprintable()
    assert name_key(checked) not in RESERVED | STAFF_NAMES


# -- guests -----------------------------------------------------------------------------------------------------------


def nobody(key: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("Zoé", "Zoé"),
        ("", "invité"),
        ("invité", "invité"),
        ("  a   b  ", "a b"),
        ("<script>", "script"),
        ("@bob:#1", "bob1"),
        ("b\x1b[31mob", "b31mob"),
        ("!!!", "invité"),
        ("🙂", "invité"),
        ("\u3164", "invité"),
        ("аdmin", "invité"),
        ("x" * 100, "x" * 64),
        ("serveur", "serveur (invité)"),
        ("GUEST", "GUEST (invité)"),
    ],
)
def test_a_guest_gets_what_can_be_had_of_the_wish(wanted: str, name: str) -> None:
    """What no name may have is left out; what then is no name is `invité`; a reserved word is marked."""
    assert guest_name(wanted, nobody) == name


def test_a_taken_name_is_marked_then_numbered() -> None:
    """Beside an account or someone present a guest is marked `(invité)`, further ones get numbers."""
    taken: set[str] = {"bob"}
    names = []
    for wanted in ("bob", "BOB", "ｂｏｂ", "bob"):
        names.append(guest_name(wanted, taken.__contains__))
        taken.add(name_key(names[-1]))
    assert names == ["bob (invité)", "BOB (invité) 2", "bob (invité) 3", "bob (invité) 4"]


def test_guests_without_a_name_are_numbered() -> None:
    """`invité` is the first, `invité 2` the second, and where somebody has left any free number will do."""
    assert guest_name("", {"invité"}.__contains__) == "invité 2"
    assert guest_name("", {"invité", "invité 2", "invité 3"}.__contains__) == "invité 4"
    assert guest_name("", {"invité", "invité 2", "invité 4"}.__contains__) in {"invité 3", "invité 5"}


def test_a_mark_or_number_does_not_make_a_name_too_long() -> None:
    """Of a long name the end gives way, with no space left before the number."""
    long = "x" * 55 + " yyyyyyyy"
    first = guest_name(long, {long}.__contains__)
    second = guest_name(long, {long, first}.__contains__)
    assert first == "x" * 55 + " (invité)"
    assert second == "x" * 55 + " 2"
    assert len(first) == LONGEST


def test_a_thousand_namesakes_cost_little() -> None:
    """Each of a thousand guests of one name gets another name, with a few dozen questions at most."""
    taken: set[str] = set()
    asked: list[str] = []

    def is_taken(key: str) -> bool:
        asked.append(key)
        return key in taken

    for _ in range(1000):
        asked.clear()
        taken.add(name_key(guest_name("zoé", is_taken)))
        assert len(asked) <= 25
    assert len(taken) == 1000


@given(NAMES, st.sets(NAMES, max_size=8), st.integers(0, 20))
@settings(max_examples=100)
def test_a_guest_never_gets_a_taken_or_reserved_name(wanted: str, others: set[str], namesakes: int) -> None:
    """Whatever is wished for, the guest gets a printable name that is free, not reserved and not too long."""
    taken = {name_key(other) for other in others}
    for _ in range(namesakes):
        taken.add(name_key(guest_name(wanted, taken.__contains__)))
    name = guest_name(wanted, taken.__contains__)
    assert name_key(name) not in taken
    assert name_key(name) not in RESERVED | STAFF_NAMES or name == "invité"
    assert 0 < len(name) <= LONGEST
    assert name.isprintable()
    assert name_key(name_key(name)) == name_key(name)


# -- channels ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["général", "#général", "Général", "#GENERAL", "general", " #general ", "##général"]
)
def test_a_channel_is_found_however_it_is_written(written: str) -> None:
    """With or without `#`, accents and capitals it is the same channel."""
    assert channel_key(written) == "general"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("dev", "#dev"),
        ("#Comptabilité", "#Comptabilité"),
        ("＃ｄｅｖ", "#dev"),
        (" #a.b-c_1 ", "#a.b-c_1"),
        ("日本", "#日本"),
    ],
)
def test_a_channel_is_written_with_its_sign(written: str, name: str) -> None:
    """A channel's name is kept in its normal form, with one `#` before it."""
    assert check_channel(written) == name
    assert check_channel(name) == name


@pytest.mark.parametrize(
    "written",
    [
        "",
        "#",
        "##dev",
        "a b",
        "#a b",
        "x" * 65,
        "#dev!",
        "de\u200bv",
        "dev\ufe00",
        "#d\u034fev",
        "\u0301",
        "#аdmin",
        "#b०b",
        "global",
        "#Serveur",
        "#tous",
        "a:b",
        "a/b",
        "\x1b[2J",
    ],
)
def test_a_name_that_misleads_is_no_channels(written: str) -> None:
    """Spaces, signs, invisible characters, mixed scripts and reserved words make no channel."""
    with pytest.raises(BadRequest) as caught:
        check_channel(written)
    assert caught.value.field == "channel"


@given(NAMES)
@settings(max_examples=100)
def test_a_checked_channel_is_found_by_what_was_written(written: str) -> None:
    """Any string has a key; a name that passed passes again, and bare or with its sign it has the same key."""
    channel_key(written)
    try:
        name = check_channel(written)
    except BadRequest:
        return
    assert check_channel(name) == name
    assert channel_key(name) == channel_key(name[1:]) != ""


def test_two_people_have_one_conversation() -> None:
    """Its key is the same from both sides, of ids for accounts and of names for guests, and no two are mixed up."""
    assert conversation(17, 42) == conversation(42, 17) == "17:42"
    assert conversation(17, "zoé") == conversation("zoé", 17)
    assert conversation(17, "42") != conversation(17, 42)
    assert conversation(3, 3) == "3:3"


@pytest.mark.parametrize("name", ["10.0.0.5", "10.0.0", "10.", "1.2", "192.168.1.255", "１０．０．０．５", "١٠.٠.٠.٥"])
def test_addresses_are_no_names(name: str) -> None:
    """A ban of it could mean the person or the place; a guest who wants it is told by another name."""
    with pytest.raises(BadUsername, match="it looks like an address"):
        check_username(name)
    assert guest_name(name, lambda _: False) == "invité"


@pytest.mark.parametrize("name", ["12345678", "10-0-0-5", "v1.2", "10.0.0.x", "2.b", "a.5"])
def test_names_with_digits_and_dots(name: str) -> None:
    """A pupil's number, or a version of somebody, is no address."""
    assert check_username(name) == name


@pytest.mark.parametrize("name", sorted(STAFF_NAMES))
def test_a_name_of_the_staff_is_a_key_s_alone(name: str) -> None:
    """No pupil is taken for `root` who signs at the machine; whoever has the machine may call a key so."""
    with pytest.raises(BadUsername, match="it is reserved"):
        check_username(name)
    assert guest_name(name, lambda _: False) == f"{name} (invité)"
    assert check_key_name(name.capitalize()) == name.capitalize()
    assert check_channel(name) == f"#{name}"


@pytest.mark.parametrize("name", ["professeur", "prof", "Rooty", "Généreux", "Moda", "admin", "Owen"])
def test_what_people_are_called_is_theirs(name: str) -> None:
    assert check_username(name) == name
