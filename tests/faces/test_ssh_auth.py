"""Who comes in over SSH, and who does not: keys, passwords, tries, and what is written about them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from twisted.conch.ssh import keys
from twisted.conch.ssh.common import NS

from classcord.chat.accounts.vocabulary import UserRemoved
from classcord.chat.names import name_key
from classcord.chat.roles import Role
from tests.faces.ssh_line import FAILURE, PK_OK, SERVICE_REQUEST, SUCCESS, Client, Gate, make_key
from tests.harness import CHEAP, PASSWORD, House, contents, notices

COMPOSED = "été à Noël"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


@pytest.fixture
def client(gate: Gate) -> Client:
    client = gate.connect()
    client.begin()
    return client


def failures(house: House) -> list[str]:
    """Return what the audit log says of those who have not come in, without its time."""
    return [line.split(" ", 1)[1].strip() for line in house.audit if " login-failed " in line]


# -- keys -------------------------------------------------------------------------------------------------------------


def test_a_key(gate: Gate, client: Client) -> None:
    """A key of admin_keys/ lets its NAME in: offered, then with a signature."""
    key = gate.admit("prof")
    assert client.offer_key("prof", key) == [PK_OK]
    assert client.try_key("prof", key) == [SUCCESS]
    assert client.run("version").status == 0


def test_the_banner(gate: Gate, client: Client) -> None:
    """Before anything is proven, the client is shown the fingerprint of the key that it has just seen."""
    shown = "SHA256:" + keys.Key.fromString(client.host_key).fingerprint(keys.FingerprintFormats.SHA256_BASE64)
    assert client.auth.banner == f"ClassCord - {shown.rstrip('=')}\r\n"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (keys.Key(ec.generate_private_key(ec.SECP256R1())), b"ecdsa-sha2-nistp256"),
        (keys.Key(rsa.generate_private_key(65537, 2048)), b"rsa-sha2-512"),
    ],
    ids=["ecdsa", "rsa"],
)
def test_other_kinds_of_keys(gate: Gate, client: Client, key: keys.Key, algorithm: bytes) -> None:
    """ECDSA and RSA count too, RSA with SHA-2."""
    gate.admit("prof", key=key)
    assert client.try_key("prof", key, algorithm=algorithm) == [SUCCESS]


def test_sha1(gate: Gate, client: Client) -> None:
    """An RSA key that signs with SHA-1 is no key, neither offered nor signed."""
    key = keys.Key(rsa.generate_private_key(65537, 2048))
    gate.admit("prof", key=key)
    assert client.offer_key("prof", key, algorithm=b"ssh-rsa") == [FAILURE]
    assert client.try_key("prof", key, algorithm=b"ssh-rsa") == [FAILURE]
    assert client.offer_key("prof", key, algorithm=b"rsa-sha2-256") == [PK_OK]


def test_a_wrong_signature(gate: Gate, client: Client, house: House) -> None:
    """Whoever has only the public half stays outside, and the audit log says so."""
    key = gate.admit("prof")
    assert client.try_key("prof", key, signer=make_key()) == [FAILURE]
    assert failures(house) == ['login-failed session=- address=10.0.0.9 name="prof" reason="key"']


def test_an_algorithm_that_is_not_the_signature_s(gate: Gate, client: Client) -> None:
    """A signature says by itself how it was made; what the request says of it must be the same."""
    key = keys.Key(rsa.generate_private_key(65537, 2048))
    gate.admit("prof", key=key)
    assert client.try_key("prof", key, algorithm=b"rsa-sha2-512", signed_as=b"rsa-sha2-256") == [FAILURE]


def test_another_s_name(gate: Gate, client: Client, house: House) -> None:
    """A key lets in under its own name only."""
    key = gate.admit("prof")
    gate.admit("chef")
    assert client.offer_key("chef", key) == [FAILURE]
    assert client.try_key("chef", key) == [FAILURE]
    assert failures(house) == ['login-failed session=- address=10.0.0.9 name="chef" reason="key"']


def test_a_signature_for_another_name(gate: Gate, client: Client) -> None:
    """The name is signed too: who has heard a signature for one name cannot use it for another."""
    key = gate.admit("prof")
    gate.admit("chef", key=key)
    assert client.try_key("chef", key, signed_name="prof") == [FAILURE]
    assert client.try_key("chef", key) == [SUCCESS]


def test_a_signature_of_another_connection(gate: Gate, client: Client) -> None:
    """A signature counts for one connection alone."""
    key = gate.admit("prof")
    other = gate.connect()
    other.begin()
    assert client.try_key("prof", key, session=other.sessionID) == [FAILURE]


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\1", b"\0" + NS(b""), b"\1" + NS(b"ssh-ed25519") + NS(b"\0\0\0\x0bssh-ed25519") + NS(b"x"), b"\xff" * 40],
)
def test_a_broken_request(gate: Gate, client: Client, garbage: bytes) -> None:
    """What is no request for authentication lets nobody in, and is no fault of the server's."""
    client.try_auth("prof", b"publickey", garbage)
    assert client.closed or client.auth.answers == [FAILURE]


def test_keys_that_do_not_fit(gate: Gate, client: Client, house: House) -> None:
    """An agent may offer many keys before the right one; too many are a failure, written down once each."""
    key = gate.admit("prof")
    for _ in range(19):
        assert client.offer_key("prof", make_key()) == [FAILURE]
    assert failures(house) == []
    assert client.try_key("prof", key) == [SUCCESS]


def test_an_address_that_is_blocked(gate: Gate, house: House) -> None:
    """After so many failures an address is not heard any more, on no connection; who has come in from there stays."""
    house.chat.gate.blocks.set_rule(after=4, within=60, seconds=600, exempt=lambda _: False)
    key = gate.admit("prof")
    inside, waiting = gate.come_in("prof", key), gate.connect()
    elsewhere = gate.connect("10.0.0.77")
    guesser = gate.connect()
    guesser.begin()
    for number in range(4):
        guesser.try_key("prof", key, signer=make_key())
        assert guesser.closed == (number == 3)
    assert waiting.farewell == guesser.farewell == (11, "too many logins from your address have failed")
    late = gate.line()
    late.send(b"SSH-2.0-x\r\n")
    assert (late.heard, bool(late.lost)) == (b"Not allowed at this time\r\n", True)
    assert (inside.run("version").status, elsewhere.closed) == (0, False)
    gate.house.clock.advance(601)
    assert gate.connect().secure


def test_who_only_offers_keys(gate: Gate, client: Client, house: House) -> None:
    """Somebody who goes after offering keys without success is written down, for who watches the log."""
    client.offer_key("prof", make_key())
    client.line.hang_up()
    assert len(failures(house)) == 1


def test_too_many_keys(gate: Gate, client: Client) -> None:
    """Offers have an end."""
    while not client.closed:
        assert client.offer_key("prof", make_key()) in ([FAILURE], [])
        assert client.outgoingPacketSequence < 100
    assert client.farewell is not None


# -- passwords --------------------------------------------------------------------------------------------------------


def test_a_password(gate: Gate, client: Client, house: House) -> None:
    """An account whose role is moderator comes in by its password."""
    house.account("mod", role=Role.MODERATOR)
    assert client.try_password("mod", PASSWORD) == [SUCCESS]
    assert client.run("version").status == 0


@pytest.mark.parametrize(("name", "password"), [("mod", "wrong"), ("bob", PASSWORD), ("nobody", PASSWORD), ("", "")])
def test_a_wrong_password(gate: Gate, client: Client, house: House, name: str, password: str) -> None:
    """A wrong one, a member's right one and a stranger's are refused alike."""
    house.account("mod", role=Role.MODERATOR)
    house.account("bob")
    assert client.try_password(name, password) == [FAILURE]
    assert sorted(client.auth.methods) == [b"password", b"publickey"]


def test_a_throttled_password(gate: Gate, client: Client, house: House) -> None:
    """After some failures even the right one has to wait, on a new connection too; from elsewhere it does not."""
    house.account("mod", role=Role.MODERATOR)
    for _ in range(5):
        assert client.try_password("mod", "wrong") == [FAILURE]
    again = gate.connect()
    again.begin()
    calls = house.hasher.calls
    assert (again.try_password("mod", PASSWORD), house.hasher.calls) == ([], calls)
    elsewhere = gate.connect("10.0.0.77")
    elsewhere.begin()
    assert elsewhere.try_password("mod", PASSWORD) == [SUCCESS]
    gate.pass_time(0.5)
    assert again.auth.answers == [SUCCESS]


def test_no_passwords(gate: Gate, house: House) -> None:
    """Where the setting says so, passwords are neither offered nor looked at."""
    house.account("mod", role=Role.MODERATOR)
    gate.set(passwords=False)
    client = gate.connect()
    client.begin()
    assert client.try_password("mod", PASSWORD) == [FAILURE]
    assert (client.auth.methods, house.hasher.calls) == ([b"publickey"], 0)


def test_passwords_are_switched_while_the_server_runs(house: House, tmp_path: Path) -> None:
    """A reload lets passwords in; after the next one nobody comes in by one, on a connection that is open neither."""
    house.account("mod", role=Role.MODERATOR)
    gate = Gate(house, tmp_path, passwords=False)
    gate.set(passwords=True)
    client, late = gate.connect(), gate.connect()
    for each in (client, late):
        each.begin()
    assert client.try_password("mod", PASSWORD) == [SUCCESS]
    gate.set(passwords=False)
    assert late.try_password("mod", PASSWORD) == [FAILURE]


def test_one_try_at_a_time(gate: Gate, client: Client, house: House) -> None:
    """Who does not wait for the answer to a password is hung up on, whatever the answer is."""
    house.account("mod", role=Role.MODERATOR)
    house.hasher.holding = True
    assert client.try_password("mod", PASSWORD) == []
    assert client.try_password("mod", PASSWORD) == []
    house.hasher.let_go()
    gate.turn()
    assert (client.closed, gate.factory.connections()) == (True, [])
    assert client.farewell == (11, "one try at a time")


def test_a_client_that_goes_while_its_password_is_looked_at(gate: Gate, client: Client, house: House) -> None:
    """Nobody comes in, and the log has no fault in it."""
    house.account("mod", role=Role.MODERATOR)
    house.hasher.holding = True
    client.try_password("mod", PASSWORD)
    client.line.hang_up()
    house.hasher.let_go()
    gate.turn()
    assert house.chat.connections == {}


# -- how often, and how long ------------------------------------------------------------------------------------------


def test_too_many_tries(gate: Gate, house: House) -> None:
    """The last of them ends the connection, with a word on how one comes in."""
    gate.set(max_tries=3)
    client = gate.connect()
    client.begin()
    assert [client.try_password("mod", "wrong") for _ in range(3)] == [[FAILURE], [FAILURE], []]
    assert client.closed
    assert client.farewell is not None
    assert "put your public key into" in client.farewell[1]


def test_tries_are_counted_over_services(gate: Gate, house: House) -> None:
    """Who asks for authentication anew before each try, as paramiko does, is served, and gets no more tries."""
    gate.set(max_tries=3)
    client = gate.connect()
    client.begin()
    answers = []
    for _ in range(3):
        answers += client.try_password("mod", "wrong")
        if not client.closed:
            client.ask(SERVICE_REQUEST, NS(b"ssh-userauth"))
    assert answers == [FAILURE, FAILURE]
    assert client.closed


def test_a_second_try_after_asking_anew(gate: Gate, house: House) -> None:
    """The second password is looked at, and lets in."""
    house.account("mod", role=Role.MODERATOR)
    client = gate.connect()
    client.begin()
    assert client.try_password("mod", "wrong") == [FAILURE]
    client.ask(SERVICE_REQUEST, NS(b"ssh-userauth"))
    assert client.try_password("mod", PASSWORD) == [SUCCESS]
    assert len(gate.factory.connections()) == 1


def test_asking_anew_while_a_password_is_looked_at(gate: Gate, client: Client, house: House) -> None:
    """It changes nothing: one try at a time, and the time for coming in goes on."""
    house.account("mod", role=Role.MODERATOR)
    house.hasher.holding = True
    client.try_password("mod", PASSWORD)
    client.ask(SERVICE_REQUEST, NS(b"ssh-userauth"))
    assert not client.closed
    assert client.try_password("mod", PASSWORD) == []
    assert client.farewell == (11, "one try at a time")
    house.hasher.let_go()
    gate.turn()
    assert gate.factory.connections() == []


def test_any_number_of_tries(gate: Gate) -> None:
    """0 is no limit, of tries neither."""
    key = gate.admit("prof")
    gate.set(max_tries=0)
    client = gate.connect()
    client.begin()
    for _ in range(40):
        assert client.try_key("prof", key, signer=make_key()) == [FAILURE]


def test_other_methods(gate: Gate, client: Client) -> None:
    """`none` tells which methods there are; others are refused, and have an end too."""
    assert client.try_auth("prof", b"none", b"") == [FAILURE]
    assert sorted(client.auth.methods) == [b"password", b"publickey"]
    for _ in range(50):
        client.try_auth("prof", b"keyboard-interactive", NS(b"") + NS(b""))
    assert client.closed


def test_grace_time(gate: Gate, client: Client) -> None:
    """Who has not come in within the time for it is hung up on, however busy they are."""
    gate.admit("prof")
    for _ in range(5):
        gate.pass_time(11)
        client.offer_key("prof", make_key())
    assert not client.closed
    gate.pass_time(6)
    assert client.closed
    assert client.farewell == (11, "nobody came in within the time for it")


def test_before_the_keys_are_agreed(gate: Gate) -> None:
    """No password is taken over a connection that is not encrypted yet."""
    line = gate.line()
    line.send(b"SSH-2.0-x\r\n" + packet(bytes([SERVICE_REQUEST]) + NS(b"ssh-userauth")))
    assert line.lost
    assert b"ssh-userauth" not in line.heard


def test_a_service_that_there_is_not(gate: Gate, client: Client) -> None:
    """A right signature for an unknown service lets nobody in."""
    key = gate.admit("prof")
    client.try_key("prof", key, service=b"ssh-nothing")
    assert (client.closed, gate.factory.connections()) == (True, [])


def test_authentication_once_more(gate: Gate) -> None:
    """Who has come in cannot try to come in as somebody else."""
    client = gate.come_in("prof", gate.admit("prof"))
    client.ask(SERVICE_REQUEST, NS(b"ssh-userauth"))
    assert client.closed


def packet(payload: bytes) -> bytes:
    """Return a packet as it is before keys are agreed (RFC 4253 §6)."""
    padding = 8 - (len(payload) + 5) % 8
    padding += 8 if padding < 4 else 0
    return (len(payload) + 1 + padding).to_bytes(4, "big") + bytes([padding]) + payload + bytes(padding)


@pytest.mark.parametrize("kept", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_a_password_typed_on_another_machine(gate: Gate, client: Client, house: House, kept: str, typed: str) -> None:
    """Accents may come composed or not; a digest of what was typed is made anew where that is how it was right."""
    house.account("boss", role=Role.OWNER, digest=CHEAP.hash(kept))
    if kept == DECOMPOSED and typed == COMPOSED:  # an old digest is of the very text that was typed
        assert client.try_password("boss", typed) == [FAILURE]
        return
    assert client.try_password("boss", typed) == [SUCCESS]
    gate.turn()
    account = house.hub.state.accounts["boss"]
    assert CHEAP.verify(
        COMPOSED,
        house.store.digest(account.id),
    )


# -- keys and accounts of one name ------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", ["", 'role="admin" ', 'role="moderator" '])
def test_a_key_named_like_an_account(gate: Gate, client: Client, house: House, options: str) -> None:
    """It lets nobody in, and the log says so once as long as it is; it counts when the account is gone."""
    house.account("boss", role=Role.OWNER)
    house.account("zoé")
    gate.administration.start()
    key = gate.admit("Zoé", options)
    assert client.offer_key("zoé", key) == [FAILURE]
    assert client.try_key("zoé", key) == [FAILURE]
    for _ in range(3):
        gate.pass_time(1)
    said = [line for line in house.logged if "does not count" in line]
    remedy = "give the file another name, or delete the account (deluser zoé)"
    assert said == [f"{gate.keys / 'Zoé.pub'}: the key does not count, for zoé is an account; {remedy}"]
    house.hub.restore([UserRemoved(user_id=house.hub.state.accounts[name_key("zoé")].id)])
    assert client.try_key("zoé", key) == [SUCCESS]


def test_a_key_that_appears_for_somebody_who_is_here(gate: Gate, client: Client, house: House) -> None:
    """The pupil stays who they are, private messages to the name stay theirs, and the key lets nobody in."""
    bob, alice = house.member("bob"), house.member("alice")
    gate.administration.start()
    key = gate.admit("bob")
    assert client.try_key("bob", key) == [FAILURE]
    gate.pass_time(1)
    alice.ask({"type": "private", "to": "bob", "content": "psst"})
    assert contents(bob.lines()) == ["psst"]


def test_an_account_that_takes_the_name_of_a_key(gate: Gate, client: Client, house: House) -> None:
    """Nobody registers it, and a key that is broken for a moment holds its name all the same."""
    gate.administration.start()
    key = gate.admit("prof")
    gate.pass_time(1)
    stranger = house.client()
    asked = {"type": "register", "username": "Prof", "password": PASSWORD}
    assert stranger.one(asked)["code"] == "username_taken"
    (gate.keys / "prof.pub").chmod(0o666)
    gate.pass_time(1)
    assert stranger.one(asked)["code"] == "username_taken"
    (gate.keys / "prof.pub").chmod(0o600)
    assert client.try_key("prof", key) == [SUCCESS]


def test_a_guest_who_has_the_name_of_a_key(gate: Gate, client: Client, house: House) -> None:
    """They are told why and put out: the name is an administrator's from now on, who comes in at once."""
    guest, other = house.guest("Prof"), house.guest("zoé")
    gate.administration.start()
    key = gate.admit("prof")
    gate.pass_time(1)
    assert notices(guest.lines())[-1] == "Prof is the name of an administrator."
    assert guest.closed
    assert not other.closed
    assert client.try_key("prof", key) == [SUCCESS]
    assert house.client().one({"type": "guest", "username": "prof"})["username"] == "prof (invité)"


def test_what_is_wrong_at_the_start_is_in_the_log(gate: Gate, house: House) -> None:
    """The log file is open by then: nothing is said before `start`, and everything by it."""
    gate.admit("prof")
    (gate.keys / "prof.pub").chmod(0o666)
    gate.administration.keys.look()
    assert [line for line in house.logged if "prof.pub" in line] == []
    gate.administration.start()
    assert [line for line in house.logged if "prof.pub" in line] == [
        f"{gate.keys / 'prof.pub'}: others may write it: chmod go-w {gate.keys / 'prof.pub'}"
    ]


def test_strict_modes_are_a_setting(gate: Gate, client: Client) -> None:
    """A folder above that others may write ends keys at once, and a reload of the setting lets them count again."""
    key = gate.admit("prof")
    gate.keys.parent.chmod(0o777)
    assert client.try_key("prof", key) == [FAILURE]
    gate.set(strict_modes=False)
    assert client.try_key("prof", key) == [SUCCESS]


@pytest.mark.parametrize(
    ("sanction", "lifting"),
    [("kick Prof 60", "unban prof"), ("ban Prof --yes", "unban prof"), ("mute Prof", "unmute prof")],
)
@pytest.mark.parametrize("role", ["moderator", "admin", "owner"])
def test_a_key_is_sanctioned_over_ssh(gate: Gate, sanction: str, lifting: str, role: str) -> None:
    """An owner who has only SSH ends what goes on by another key, console and all, and lets its owner in again."""
    key = gate.admit("prof", f'role="{role}" ')
    boss, chief = gate.come_in("boss", gate.admit("boss")), gate.come_in("chief", gate.admit("chief", 'role="admin" '))
    prof = gate.come_in("prof", key)
    gate.administration.start()
    refused = chief.run(sanction)
    assert (refused.status != 0) == (role != "moderator")
    if role == "moderator":
        assert chief.run(lifting).status == 0
        gate.pass_time(1)
        prof = gate.come_in("prof", key)
    assert boss.run(sanction).status == 0
    gate.pass_time(1)
    if sanction.startswith("mute"):
        assert prof.run("who").status == 0
        assert prof.run("announce hello").status != 0
    else:
        assert prof.closed
        again = gate.connect()
        again.begin()
        assert again.try_key("prof", key) == []
        assert again.farewell is not None
        assert "You were thrown out" in again.farewell[1] or "You are shut out" in again.farewell[1]
    assert boss.run(lifting).status == 0
    assert gate.come_in("prof", key).run("announce hello").status == 0
