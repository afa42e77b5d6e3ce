"""Names that look like somebody else's: the server's own, of whoever keeps order, and of every account."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

import pytest

from classcord.chat.accounts.vocabulary import AddUser, DelUser, SetRole
from classcord.chat.channels.left_names import DAY
from classcord.chat.confusables import PAIRS
from classcord.chat.effects import Hash
from classcord.chat.errors import BadAlias, BadUsername, ChatError
from classcord.chat.hub import Hub
from classcord.chat.lookalikes import looks, skeleton
from classcord.chat.names import RESERVED, STAFF_NAMES, check_username, guest_name, is_like_reserved, name_key
from classcord.chat.operators.vocabulary import Operate
from classcord.chat.people import Session
from classcord.chat.profiles.vocabulary import PersonProfile, ProfileSet
from classcord.chat.registration.vocabulary import Register, UsernameTaken
from classcord.chat.roles import Operator, Role
from tests.chat.hubs import NOON, a_hub, add_account, ask, come_in, connect, decide, log_in, operates, person_of

CYRILLIC = dict(zip("aceopxysijdbhtmvkqw", "асеорхуѕіјԁЬһтмѵкԛԝ", strict=True))
SMALL = {letter: unicodedata.lookup(f"LATIN LETTER SMALL CAPITAL {letter}") for letter in "ABCDEGHIJKLMNOPRTUVWYZ"} | {
    "F": "ꜰ",
    "S": "ꜱ",
    "X": "x",
    "Q": "q",
}

WAYS: dict[str, Callable[[str], str | None]] = {
    "behind": lambda name: f"{name}_",
    "before": lambda name: f"_{name}",
    "around": lambda name: f"-{name}.",
    "between": lambda name: "-".join(name.replace(" ", "")),
    "dots": lambda name: ".".join(name.replace(" ", "")),
    "in two": lambda name: f"{name[:2]} {name[2:]}".replace("  ", " "),
    "digits": lambda name: name.translate(str.maketrans("oieastb", "0134578")),
    "one for l": lambda name: name.replace("l", "1"),
    "capitals": str.upper,
    "first capital": lambda name: f"{name.capitalize()}.",
    "capital i for l": lambda name: name.replace("l", "I"),
    "dotless i": lambda name: name.replace("i", "ı"),
    "accents": lambda name: unicodedata.normalize("NFC", name.replace("e", "e\u0301").replace("a", "a\u0300")),
    "strokes": lambda name: name.replace("o", "ø").replace("l", "ł").replace("d", "đ"),
    "wide": lambda name: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name),
    "small capitals": lambda name: "".join(SMALL.get(c.upper(), c) for c in name),
    "cyrillic": lambda name: _all_of(name, CYRILLIC),
    "everything": lambda name: f"_{name.replace('o', '0').replace('e', '3').replace('i', 'ı')}-",
}


def _all_of(name: str, letters: dict[str, str]) -> str | None:
    """Return the name in other letters; None where one of them has none that looks like it."""
    plain = unicodedata.normalize("NFD", name).replace("\u0301", "").replace("\u0300", "")
    return "".join(letters.get(c, c) for c in plain) if all(c in letters or c == " " for c in plain) else None


def lookalikes(name: str) -> Iterator[tuple[str, str]]:
    """Yield what a name can be disguised as, with the way of it; other spellings of the very name are left out."""
    for way, disguise in WAYS.items():
        made = disguise(name)
        if made is not None and name_key(made) != name_key(name):
            yield way, made


def refused(hub: Hub, name: str, alias: str | None = None, now: float = NOON) -> ChatError | None:
    try:
        hub.decide(connect(hub), Register(username=name, password="azerty", alias=alias), now)
    except ChatError as error:
        return error
    return None


@pytest.mark.parametrize("name", sorted(RESERVED | STAFF_NAMES))
def test_reserved_names_in_every_disguise(name: str) -> None:
    """None is an account's, an alias or a guest's."""
    hub = a_hub()
    tried = dict(lookalikes(name))
    assert len(tried) > 8
    for way, made in tried.items():
        assert type(refused(hub, made)) is BadUsername, (way, made)
        assert type(refused(hub, "bob", made)) is BadAlias, (way, made)
        guest = person_of(come_in(hub, made)).name
        assert guest.startswith("invité") or guest.endswith(" (invité)"), (way, made, guest)


def test_disguises_are_made_of_every_kind() -> None:
    """Each way is tried on some name: a table that disguised nothing would prove nothing."""
    assert {way for name in (*RESERVED, "admin", "scope") for way, _ in lookalikes(name)} == set(WAYS) - {
        "capitals",
        "wide",
    }


ROUGH = ["mart1n", "Martin.", "_martin", "m-a-r-t-i-n", "MART1N", "mártin"]


@pytest.mark.parametrize("name", ["martın", "ᴍᴀʀᴛɪɴ", *ROUGH])
@pytest.mark.parametrize("role", list(Role)[1:])
def test_names_of_whoever_keeps_order(role: Role, name: str) -> None:
    """From moderators on no disguise is to be had; of a member only what nobody can tell apart is kept."""
    hub = a_hub()
    add_account(hub, "martin", role.label)
    if role >= Role.MODERATOR or name not in ROUGH:
        assert type(refused(hub, name)) is BadUsername
        assert type(refused(hub, "bob", name)) is BadAlias
        assert person_of(come_in(hub, name)).name == f"{name} (invité)"
    else:
        assert refused(hub, name) is None


@pytest.mark.parametrize("name", ["admin", "Admin", "ADMIN", "adm1n", "admın", "ᴀᴅᴍɪɴ", "_admin"])
def test_nobody_takes_the_place_of_the_first_account(name: str) -> None:
    """Where `admin` was deleted, it is nobody's who registers, no alias and no guest's; who administers may make it."""
    hub = a_hub()
    assert type(refused(hub, name)) is BadUsername
    assert type(refused(hub, "bob", name)) is BadAlias
    assert person_of(come_in(hub, name)).name == f"{unicodedata.normalize('NFKC', name)} (invité)"
    made = hub.decide(operates(hub, "boss", Role.OWNER), AddUser(username=name, password="azerty"), NOON)
    assert isinstance(made[0], Hash)
    assert refused(hub, "admin2") is None
    add_account(hub, "admin", "owner")
    assert type(refused(hub, "admin")) is UsernameTaken  # what older clients expect


@pytest.mark.parametrize("name", ["scope", "prof", "dupont", "marie.curie"])
def test_names_of_keys_in_every_disguise(name: str) -> None:
    """Who comes in by a key keeps order too."""
    hub = a_hub()
    hub.reserved = frozenset({name_key(name)})
    for way, made in lookalikes(name):
        assert type(refused(hub, made)) is BadUsername, (way, made)


@pytest.mark.parametrize(
    ("there", "wanted", "may"),
    [
        ("marie", "marie2", True),
        ("marie", "marie.", True),
        ("marie", "m.arie", True),
        ("marie", "màrie", True),
        ("marie", "rnarie", False),
        ("marie", "marıe", False),
        ("lea", "Iea", False),
        ("lea", "léa", True),
        ("Lea", "Iea", False),
        ("bob", "b0b", False),
        ("tom", "tom1", True),
        ("Ali", "A1i", False),
        ("сора", "copa", False),
        ("copa", "сора", False),
        ("Zoé", "Zοé", False),
        ("paul", "paul 2", True),
        ("ludo", "1udo", False),
        ("prof.martin", "prof-martin", True),
        ("élise", "elise", True),
    ],
)
def test_names_of_pupils(there: str, wanted: str, may: bool) -> None:
    """What anybody can tell apart stays possible for members: numbers, accents, dots."""
    hub = a_hub()
    add_account(hub, there)
    assert (refused(hub, wanted) is None) is may


@pytest.mark.parametrize("wanted", ["marie2", "marie-anne", "amarie", "Mario", "marieke"])
def test_namesakes_of_a_moderator(wanted: str) -> None:
    """A number or another word makes another name, beside a teacher's too."""
    hub = a_hub()
    add_account(hub, "marie", "moderator")
    assert refused(hub, wanted) is None


@pytest.mark.parametrize(
    "name", ["Ali", "ali", "ALI", "Alli", "Allé", "Louis", "Tousse", "Nuli", "Anna", "Systeme2", "Guestave", "Invita"]
)
def test_names_that_are_not_the_servers(name: str) -> None:
    """Short reserved words keep no real name from anybody."""
    assert check_username(name) == name
    assert guest_name(name, lambda _: False) == name


def test_an_alias_is_looked_at_like_a_name() -> None:
    """Nobody looks like somebody's alias, nor has an alias that looks like somebody; one's own name is one's own."""
    hub = a_hub()
    add_account(hub, "dupont", alias="lili")
    assert type(refused(hub, "1ili")) is BadUsername
    assert type(refused(hub, "bob", "1ili")) is BadAlias
    assert type(refused(hub, "bob", "dup0nt")) is BadAlias
    assert refused(hub, "zoé", "zoe") is None
    assert refused(hub, "b0b", "B0B") is None


def test_existing_accounts_go_on() -> None:
    """Two from before that look alike log in; each is itself."""
    hub = a_hub()
    for name in ("lea", "Iea", "admin"):
        add_account(hub, name, "owner" if name == "admin" else "member")
    add_account(hub, "adm1n")
    for name in ("lea", "Iea", "adm1n", "admin"):
        assert person_of(log_in(hub, name)).name == name


def test_looks_follow_roles_and_deletions() -> None:
    """Who becomes a moderator is looked like by nobody new; who is deleted leaves what looks like them a day later."""
    hub = a_hub()
    add_account(hub, "boss", "owner")
    add_account(hub, "marie")
    boss = log_in(hub, "boss")
    assert refused(hub, "marie_") is None
    ask(hub, boss, SetRole(user="marie", role="moderator"))
    assert type(refused(hub, "marie_")) is BadUsername
    ask(hub, boss, SetRole(user="marie", role="member"))
    assert refused(hub, "marie_") is None
    assert type(refused(hub, "rnarie")) is BadUsername
    ask(hub, boss, DelUser(user="marie"))
    assert type(refused(hub, "rnarie")) is BadUsername
    assert refused(hub, "rnarie", now=NOON + DAY) is None


def test_an_alias_of_staff_is_looked_at_at_a_glance() -> None:
    """Others read it as they read a name; of a pupil's only what nobody can tell apart counts. Staff keep their own."""
    hub = a_hub()
    add_account(hub, "dupont", "moderator", alias="proviseur")
    add_account(hub, "bob", alias="chaton")
    dupont, bob = log_in(hub, "dupont"), log_in(hub, "bob")
    for name in ("Pr0viseur", "proviseur_", "Proviséur"):
        assert type(refused(hub, name)) is BadUsername
        assert type(refused(hub, "eve", name)) is BadAlias
        assert person_of(come_in(hub, name)).name != name
        for session, allowed in ((bob, False), (dupont, True)):
            asked = PersonProfile(alias=name)
            try:
                decide(hub, session, asked)
            except BadAlias:
                assert not allowed
            else:
                assert allowed
    assert refused(hub, "chaton_") is None
    hub.apply(ProfileSet(user_id=1, alias="", alias_key=""))
    assert refused(hub, "proviseur_") is None


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OWNER])
def test_administrators_make_no_lookalikes_either(role: Role) -> None:
    """`adduser` says why."""
    hub = a_hub()
    add_account(hub, "marie", "moderator")
    chief: Session = connect(hub)
    ask(hub, chief, Operate(operator=Operator(name="chief", role=role)))
    with pytest.raises(BadUsername, match="keeps order"):
        hub.decide(chief, AddUser(username="marie_", role="member"), NOON)


def test_the_table() -> None:
    """One entry a character, no chains: what is looked up once is not to be looked up again."""
    pairs = PAIRS.split()
    sources = [pair[0] for pair in pairs]
    assert len(set(sources)) == len(sources) > 1900
    for text in ("paypal", "ᴀᴅᴍɪɴ", "Ωmega", "l1I|", "mn rn"):
        assert skeleton(skeleton(text)) == skeleton(text)


def test_looks_depend_on_capitals() -> None:
    """A capital I is like an l, a small one is not."""
    assert looks("Iea", name_key("Iea")) & looks("lea", name_key("lea"))
    assert not looks("iea", name_key("iea")) & looks("lea", name_key("lea"))
    assert not is_like_reserved("ALI")
    assert is_like_reserved("AlI")
