"""Settings that are right one by one and cannot be together: what is refused, in which words, all of it at once."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from classcord.settings import Settings, SettingsError, load
from classcord.settings.conflicts import ENVELOPE, FACES

MAIL = ("alerts.relay=smtp.school.example:25", "alerts.sender=chat@school.example", "alerts.to=prof@school.example")


def refusals(*overrides: str, data: Path | None = None, path: Path | None = None) -> list[str]:
    """Return all that is wrong with the settings, a sentence each, without who gave them."""
    try:
        load(path, overrides, data)
    except SettingsError as error:
        return [text.render().removeprefix("--set: ") for text in error.texts]
    return []


# -- listeners --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", FACES[1:])
def test_one_port_for_two_faces(other: str) -> None:
    """Whichever two they are."""
    assert refusals("listen.chat=tcp:4000", f"listen.{other}=tcp:4000:interface=127.0.0.1") == [
        (
            f'[listen] chat "tcp:4000" and {other} "tcp:4000:interface=127.0.0.1" cannot both listen on port 4000: '
            "choose another one for one of them."
        )
    ]


def test_one_port_twice_for_one_face() -> None:
    """And with a default that nobody has written."""
    assert len(refusals('listen.chat=["tcp:4000", "tcp:port=4000"]')) == 1
    assert refusals("listen.chat=tcp:2222") == [
        (
            '[listen] chat "tcp:2222" and ssh "tcp:2222" cannot both listen on port 2222: choose another one for one '
            "of them."
        )
    ]


def test_one_path_and_one_socket_of_systemd_for_two() -> None:
    """What systemd hands over can be had once."""
    assert refusals("listen.chat=unix:/run/chat", "listen.tls=unix:/run/chat") == [
        (
            '[listen] chat "unix:/run/chat" and tls "unix:/run/chat" cannot both listen on one path: choose another '
            "one for one of them."
        )
    ]
    both = ("listen.chat=systemd:domain=INET:name=chat", "listen.ssh=systemd:domain=INET6:name=chat")
    assert refusals(*both) == [
        (
            '[listen] chat "systemd:domain=INET:name=chat" and ssh "systemd:domain=INET6:name=chat" cannot both have '
            "one socket of systemd: give each its own."
        )
    ]


def test_ports_that_the_system_chooses() -> None:
    """Any number of listeners may have port 0."""
    assert refusals(*(f'listen.{face}=["tcp:0", "tcp:0"]' for face in FACES)) == []


def test_the_control_socket(tmp_path: Path) -> None:
    """It is the server's own."""
    endpoint = f"unix:{tmp_path}/control"
    assert refusals(f"listen.chat={endpoint}", data=tmp_path) == [
        f'[listen] chat "{endpoint}" is the socket that `classcord ctl` uses: choose another path for it.'
    ]
    assert refusals(f"listen.chat=unix:{tmp_path}/chat", data=tmp_path) == []


# -- limits -----------------------------------------------------------------------------------------------------------


def test_a_message_longer_than_a_line() -> None:
    """The longest message of plain letters fits exactly, with its envelope; 0 is no limit and no contradiction."""
    assert ENVELOPE == 31
    assert refusals("limits.line_bytes=2000", "limits.content_chars=1969") == []
    assert refusals("limits.line_bytes=2000", "limits.content_chars=1970") == [
        (
            "[limits] content_chars is 1970, but a line of line_bytes = 2000 has no room for more than 1969: lower "
            "content_chars, or raise line_bytes to 2001 at least."
        )
    ]
    assert refusals("limits.line_bytes=0", "limits.content_chars=1000000") == []
    assert refusals("limits.line_bytes=1024", "limits.content_chars=0") == []


def test_an_outbox_smaller_than_a_line() -> None:
    """Of one size they may be."""
    assert refusals("limits.outbox_bytes=65536") == []
    assert refusals("limits.outbox_bytes=0") == []
    assert refusals("limits.outbox_bytes=65535") == [
        (
            "[limits] outbox_bytes is 65535, but a line may have line_bytes = 65536: whoever has not yet read one such "
            "message would be disconnected by the next; raise outbox_bytes, or lower line_bytes."
        )
    ]


def test_allowed_within_denied() -> None:
    """A denied part of what is allowed is no contradiction."""
    assert refusals("limits.allow=10.0.0.0/8", "limits.deny=10.1.0.0/16") == []
    assert refusals("limits.allow=10.0.0.0/8", "limits.deny=2001:db8::/32") == []
    assert refusals("limits.allow=10.1.0.0/16", "limits.deny=10.0.0.0/8") == [
        (
            '[limits] allow has "10.1.0.0/16", but deny has "10.0.0.0/8", and so nobody from there can connect: remove '
            "one of them."
        )
    ]


# -- mails ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (("alerts.sender=",), ["sender is empty"]),
        (("alerts.to=",), ["to is empty"]),
        (('alerts.to=[""]', "alerts.sender="), ["sender is empty", "to is empty"]),
        (("alerts.username=chat", "alerts.security=tls"), ["username is set, but password_file is empty"]),
        (("alerts.password_file=secret",), ["password_file is set, but username is empty"]),
        (("alerts.username=chat", "alerts.password_file=secret"), ["a password is not sent unencrypted"]),
        (("alerts.relay=", "alerts.sender=", "alerts.username=chat"), []),
    ],
)
def test_mails_that_cannot_be_sent(overrides: tuple[str, ...], words: list[str]) -> None:
    """All that is missing is told; without a relay nobody wants mails."""
    found = refusals(*MAIL, *overrides)
    assert len(found) == len(words)
    for sentence, part in zip(found, words, strict=True):
        assert sentence.startswith("No mails are sent: ")
        assert part in sentence


def test_a_password_that_cannot_be_read(tmp_path: Path) -> None:
    """Where the server runs: a file that is missing or empty; elsewhere nobody can tell."""
    secret = tmp_path / "secret"
    wanted = (*MAIL, "alerts.username=chat", "alerts.security=tls", f"alerts.password_file={secret}")
    assert refusals(*wanted) == []
    missing = f"[alerts] password_file: {secret} cannot be read: No such file or directory."
    assert refusals(*wanted, data=tmp_path) == [missing]
    secret.write_text("\n", "utf-8")
    assert refusals(*wanted, data=tmp_path) == [f"[alerts] password_file: {secret} is empty."]
    secret.write_text("sesame\n", "utf-8")
    assert refusals(*wanted, data=tmp_path) == []


@pytest.mark.parametrize("relay", ["smtp.school.example:0", "smtp.school.example:65536", "[::1]:99999"])
def test_a_relay_has_a_port_that_there_is(relay: str) -> None:
    """From 1 to 65535."""
    (found,) = refusals(f"alerts.relay={relay}")
    assert "[alerts] relay is" in found


# -- folders ----------------------------------------------------------------------------------------------------------


def test_folders_that_are_missing(tmp_path: Path) -> None:
    """Outside the data folder none is made; within it the server makes what it needs, and DATA itself."""
    data = tmp_path / "data"
    assert refusals("storage.url=sqlite:///deeper/chat.db", data=data) == []
    assert refusals(f"tls.directory={tmp_path}/tls", f"storage.url=sqlite:///{tmp_path}/srv/x.db", data=data) == [
        (
            f'[tls] directory: there is no folder {tmp_path}/tls; make it, or write "" for the folder tls of the data '
            "folder."
        ),
        f"[storage] url: there is no folder {tmp_path}/srv; make it, or choose another one.",
    ]
    assert not data.exists()
    (tmp_path / "tls").mkdir()
    (tmp_path / "srv").mkdir()
    assert refusals(f"tls.directory={tmp_path}/tls", f"storage.url=sqlite:///{tmp_path}/srv/x.db", data=data) == []


def test_a_file_in_the_place_of_a_folder_and_a_folder_in_that_of_a_file(tmp_path: Path) -> None:
    """Each is named."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    assert refusals(f"ssh.keys={tmp_path}/file", data=tmp_path) == [
        f"[ssh] keys: {tmp_path}/file is not a folder; name the one that has the public keys."
    ]
    assert refusals("storage.url=sqlite:///folder", data=tmp_path) == [
        f"[storage] url: {tmp_path}/folder is a folder; name a file in it."
    ]
    (deeper,) = refusals("storage.url=sqlite:///file/x.db", data=tmp_path)
    assert deeper.startswith(f"[storage] url: there is no folder {tmp_path}/file;")
    assert refusals(f"ssh.keys={tmp_path}/missing", data=tmp_path) == []  # who has no key comes in by `classcord ctl`


# -- all at once ------------------------------------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Sections, keys, values, single entries of a list, contradictions: each with where it was given."""
    file = tmp_path / "classcord.toml"
    file.write_text(
        "[wether]\nburst = 1\n[limits]\nbrust = 0\nburst = -1\ncontent_chars = 70000\n"
        "[listen]\nchat = ['tcp:70000', 'nonsense']\nssh = 'tcp:1'\n"
        "[channels]\nlist = [{name = 'b c', knid = 'open'}, {}]\n",
        "utf-8",
    )
    found = refusals("server.language=de", "nonsense", path=file, data=tmp_path)
    parts = [
        f"{file}: there is no [wether]",
        f"{file}: there is no [limits] brust; did you mean [limits] burst?",
        "--set nonsense: write section.key=value.",
        f"{file}: [limits] burst is -1",
        f'{file}: [listen] chat #1 is "tcp:70000"',
        f'{file}: [listen] chat #2 is "nonsense"',
        f'{file}: [listen] ssh is "tcp:1"',
        f'{file}: [channels] list #1 name is "b c"',
        f"{file}: there is no [channels] list #1 knid",
        f"{file}: [channels] list #2 has no name.",
        'server] language is "de"',
        f"{file}: [limits] content_chars is 70000",
    ]
    assert len(found) == len(parts)
    for part in parts:
        assert len([sentence for sentence in found if part in sentence]) == 1, part


def test_who_gave_the_keys_is_told(tmp_path: Path) -> None:
    """Both, where the two are of two places; a default is nobody's."""
    file = tmp_path / "classcord.toml"
    file.write_text("[listen]\nchat = ['tcp:4000']\n", "utf-8")
    with pytest.raises(SettingsError) as caught:
        load(file, ["listen.ssh=tcp:4000"])
    assert str(caught.value).startswith(f'{file}, --set: [listen] chat "tcp:4000" and ssh "tcp:4000" cannot ')
    assert caught.value.settings is not None


def test_a_wrong_value_contradicts_nothing() -> None:
    """Its default stands in for it, which nobody has chosen."""
    assert len(refusals("limits.line_bytes=5", "limits.content_chars=70000")) == 1


def test_the_defaults_fit_to_an_empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first start with no settings at all is not refused."""
    monkeypatch.chdir(tmp_path)
    assert load(None, (), tmp_path / "var") == Settings()


def test_nothing_is_opened_or_made(tmp_path: Path) -> None:
    """A port in use is found by the rehearsal of a start, not by who reads settings."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert refusals(f"listen.chat=tcp:{port}:interface=127.0.0.1", data=tmp_path) == []
    assert list(tmp_path.iterdir()) == []


# -- passwords that are kept elsewhere --------------------------------------------------------------------------------

LDAP = ('ldap.urls=["ldaps://directory.school.example"]', "ldap.base=dc=school,dc=example")


@pytest.mark.parametrize(
    ("overrides", "wrong"),
    [
        ((), []),
        (("ldap.base=",), ["base is empty"]),
        (("ldap.name=",), ["name is empty"]),
        (("ldap.filter=(uid=%s)",), ["filter must have {name}"]),
        (("ldap.filter=",), ["filter must have {name}"]),
        (("ldap.filter=(&(uid={name})(ou={ou}))",), ["filter must have {name}"]),
        (("ldap.bind_as=uid=,dc=x",), ["bind_as must have {name}"]),
        (("ldap.bind_as={name}@x.example",), []),
        (("ldap.bind_as={name}@x", "ldap.bind_dn=cn=c", "ldap.password_file=p"), ["exclude each other"]),
        (("ldap.bind_dn=cn=classcord",), ["password_file is empty"]),
        (("ldap.password_file=secret",), ["bind_dn is empty"]),
        (("ldap.group_filter=(member={dn})",), []),
        (("ldap.group_filter=(member=%s)",), ["group_filter must have {dn}"]),
        (('ldap.roles=[{group="profs",role="admin"}]', "ldap.groups="), ["need groups"]),
        (('ldap.channels=[{group="2A",channel="2A"}]', "ldap.groups=", "ldap.group_filter=(member={dn})"), []),
        (("ldap.urls=", "ldap.base=", "ldap.filter=x"), []),
        (('login_program.command=["check"]',), ["must be an absolute path"]),
        (('login_program.command=["/bin/sh", "-c", "true"]',), []),
    ],
)
def test_who_checks_passwords(overrides: tuple[str, ...], wrong: list[str]) -> None:
    """What is missing or contradictory, one sentence for each; nothing where no directory is set."""
    found = refusals(*LDAP, *overrides)
    assert len(found) == len(wrong), found
    for words, text in zip(wrong, found, strict=True):
        assert words in text


@pytest.mark.parametrize(
    "overrides",
    [
        'ldap.urls=["http://directory.school.example"]',
        'ldap.urls=["ldap://directory.school.example:70000"]',
        'ldap.urls=["ldap://directory.school.example/dc=x"]',
        'ldap.roles=[{group="profs",role="guest"}]',
        'ldap.roles=[{group="profs"}]',
        'ldap.channels=[{group="profs",channel="#admin!"}]',
        "ldap.name=uid)(x",
        "ldap.timeout=0",
        "login_program.at_once=0",
    ],
)
def test_what_no_directory_has(overrides: str) -> None:
    """A value that is none is refused by itself."""
    assert len(refusals(*LDAP, overrides)) == 1


def test_a_directory_needs_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server without python-ldap says at its start what to install; without a directory nobody misses it."""
    monkeypatch.setattr("classcord.services.passwords.directory.options.find_spec", lambda _: None)
    (found,) = refusals(*LDAP, data=tmp_path)
    assert 'pip install "classcord[ldap]"' in found
    assert refusals(data=tmp_path) == []


def test_a_program_must_be_there(tmp_path: Path) -> None:
    """And one that may not be executed is none."""
    file = tmp_path / "check"
    for _ in range(2):
        (found,) = refusals(f'login_program.command=["{file}"]', data=tmp_path)
        assert found == f"[login_program] command: {file} is not there, or may not be executed."
        file.touch()
    file.chmod(0o755)
    assert refusals(f'login_program.command=["{file}"]', data=tmp_path) == []
