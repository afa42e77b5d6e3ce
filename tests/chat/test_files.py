"""Who may upload what for which place, how much in a day, and which message carries it."""

from __future__ import annotations

from typing import Any

import pytest

from classcord.chat.block_lists.vocabulary import BlockedByPerson, BlockPerson
from classcord.chat.channels.vocabulary import ChannelClosed, Join, NotInChannel
from classcord.chat.connections.vocabulary import Hello, Welcome
from classcord.chat.effects import Commit, Effect, Find, Reply
from classcord.chat.errors import BadRequest, ChatError, NotAllowed, NotFound, StoredTooMuch
from classcord.chat.files import quotas_of_files, uploads
from classcord.chat.files.attaching import shown
from classcord.chat.files.in_words import in_words
from classcord.chat.files.uploads import MOST_OF_ONE, Stage
from classcord.chat.files.vocabulary import (
    ChannelFilesTooMuch,
    FileAttached,
    FileBytes,
    FileRemoved,
    FileShown,
    FilesSince,
    FilesTooMuch,
    FileTooLarge,
    NoFilesHere,
    NoRoomForFiles,
    NoSuchUpload,
    StoredFile,
    TooManyUploads,
    UploadAdmitted,
    UploadFile,
    UploadWanted,
)
from classcord.chat.hub import Hub
from classcord.chat.messages.telling import said
from classcord.chat.messages.vocabulary import (
    Acknowledged,
    Details,
    MessageAdded,
    PrivateMessageAdded,
    RefusedResend,
    Said,
    Say,
    StoredMessage,
)
from classcord.chat.people import Session
from classcord.chat.policy import FileLimits
from classcord.chat.resends.rules import digest
from classcord.chat.resends.vocabulary import ClientIdKept
from classcord.chat.revisions.vocabulary import Delete, ToDelete
from classcord.chat.roles import Role
from classcord.chat.sanctions.vocabulary import Mute, Muted
from tests.chat.files import ROOM, a_file, opened, whole
from tests.chat.hubs import (
    NOON,
    NOON_MS,
    a_channel,
    a_hub,
    add_account,
    ask,
    channel,
    come_in,
    commit,
    decide,
    heard_by,
    log_in,
    moderator,
    records_of,
    secrets,
    the_commit,
)

DAY_MS = 86_400_000
NOTHING = FileBytes()


def a_place_for_files(**terms: Any) -> Hub:
    hub = a_hub(**terms)
    hub.uploads.room = lambda: ROOM
    hub.new_secret = secrets()
    return hub


def upload(hub: Hub, session: Session, *, found: FileBytes = NOTHING, now: float = NOON, **fields: Any) -> Any:
    """Ask to upload a file; the store has `found` what was sent before. Return the answer."""
    request = UploadFile(**{"name": "photo.png", "size": 1200, **fields})
    (find,) = decide(hub, session, request, now)
    assert isinstance(find, Find)
    (reply,) = decide(hub, session, UploadWanted(asked=request, found=found), now)
    assert isinstance(reply, Reply)
    return reply.answer


def refused(hub: Hub, session: Session, request: Any, now: float = NOON) -> ChatError:
    with pytest.raises(ChatError) as error:
        decide(hub, session, request, now)
    return error.value


def file_of(effects: list[Effect]) -> StoredFile | None:
    message = the_commit(effects).records[0]
    assert isinstance(message, MessageAdded | PrivateMessageAdded)
    return message.file


# -- asking to upload -------------------------------------------------------------------------------------------------


def test_an_upload_is_admitted() -> None:
    """The answer says by which address, until when, and under which name a message carries the file then."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    request = UploadFile(id=7, channel="#dev", name="photo.png", size=1200)
    since = FilesSince(user_id=1, channel_id=2, since=NOON_MS - DAY_MS)
    assert decide(hub, bob, request) == [Find(request, since, UploadWanted)]
    (reply,) = decide(hub, bob, UploadWanted(asked=request, found=FileBytes()))
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, UploadAdmitted)
    token = reply.answer.file
    assert reply.answer == UploadAdmitted(file=token, url=f"/files/{token}", until="2026-11-20T12:10:00.000Z")
    assert hub.uploads.reserved == 1200


def test_where_no_files_are_taken() -> None:
    """Nobody uploads anything if the settings say so, or if there is nowhere to put it; `hello` does not offer it."""
    hub = a_hub()
    bob = log_in(hub, "bob")
    assert isinstance(refused(hub, bob, UploadFile(name="a.png", size=1)), NoFilesHere)
    hub = a_place_for_files(files=FileLimits(accepted=False))
    bob = log_in(hub, "bob")
    assert isinstance(refused(hub, bob, UploadFile(name="a.png", size=1)), NoFilesHere)
    assert "files" not in welcome(hub, bob).features
    assert "files" in welcome(a_place_for_files(), bob).features
    assert welcome(a_place_for_files(), bob).limits["file_bytes"] == 10_000_000


def welcome(hub: Hub, session: Session) -> Welcome:
    reply = decide(hub, session, Hello(protocol=2))[-1]
    assert isinstance(reply, Reply)
    assert isinstance(reply.answer, Welcome)
    return reply.answer


def test_a_file_is_refused_where_a_message_is() -> None:
    """In a channel that one does not see or is not in, to nobody, to two places, by a guest, while one is muted."""
    hub = a_place_for_files()
    hub.restore([a_channel(7, "#attente", kind="approval")])
    bob, guest = log_in(hub, "bob"), come_in(hub, "zoé")
    assert isinstance(refused(hub, bob, UploadFile(channel="#admin", name="a", size=1)), NotFound)
    assert isinstance(refused(hub, bob, UploadFile(channel="#attente", name="a", size=1)), NotInChannel)
    assert isinstance(refused(hub, bob, UploadFile(user="nobody", name="a", size=1)), NotFound)
    assert isinstance(refused(hub, bob, UploadFile(user="zoé", channel="#dev", name="a", size=1)), BadRequest)
    assert isinstance(refused(hub, guest, UploadFile(name="a", size=1)), NotAllowed)
    ask(hub, moderator(hub), Mute(user="bob"))
    assert isinstance(refused(hub, bob, UploadFile(name="a", size=1)), Muted)
    assert isinstance(refused(hub, bob, UploadFile(user="zoé", name="a", size=1)), Muted)


def test_who_is_blocked_sends_no_file() -> None:
    """A file is what a private message is."""
    hub = a_place_for_files()
    ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
    ask(hub, ann, BlockPerson(user="bob"))
    assert isinstance(refused(hub, bob, UploadFile(user="ann", name="a", size=1)), BlockedByPerson)


def test_who_has_lost_the_right_while_the_store_was_read() -> None:
    """The decision is made with what is true at its end: a name, a role, a channel."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    asked = UploadFile(channel="#dev", name="a", size=1)
    wanted = UploadWanted(asked=asked, found=FileBytes())
    stranger = come_in(hub, "zoé")
    assert isinstance(refused(hub, stranger, wanted), NotAllowed)
    channel(hub, "#dev").archived = True
    assert isinstance(refused(hub, bob, wanted), ChannelClosed)
    assert len(hub.uploads) == 0


def test_a_file_that_is_too_large() -> None:
    """The limit is told; 0 is none."""
    hub = a_place_for_files(files=FileLimits(file_bytes=1000))
    error = refused(hub, log_in(hub, "bob"), UploadFile(name="a", size=1001))
    assert isinstance(error, FileTooLarge)
    assert error.text.values == {"limit": 1000}
    free = a_place_for_files(files=FileLimits(file_bytes=0, bytes_per_day=0, channel_bytes_per_day=0))
    assert upload(free, log_in(free, "bob"), size=ROOM)


def test_a_days_files_of_one_account() -> None:
    """What is stored counts after a restart, what comes since too; time gives it back, and it is said when."""
    hub = a_place_for_files(files=FileLimits(bytes_per_day=8640))
    bob = log_in(hub, "bob")
    upload(hub, bob, found=FileBytes(of_account=6000), size=2000)
    request = UploadFile(name="b.png", size=1000)
    error = refused(hub, bob, UploadWanted(asked=request, found=FileBytes(of_account=8000)))
    assert isinstance(error, FilesTooMuch)
    assert error.retry_after == 3600.0
    assert upload(hub, log_in(hub, "ann"), size=8640), "another has a share of their own"
    assert upload(hub, bob, found=FileBytes(of_account=8000), size=1000, now=NOON + 3600)


def test_a_days_files_of_a_channel() -> None:
    """They are counted for all together; who is refused has spent nothing of their own share."""
    hub = a_place_for_files(files=FileLimits(bytes_per_day=5000, channel_bytes_per_day=6000))
    ann, bob = log_in(hub, "ann"), log_in(hub, "bob")
    upload(hub, ann, channel="#dev", size=4000)
    request = UploadFile(channel="#dev", name="b.png", size=4000)
    error = refused(hub, bob, UploadWanted(asked=request, found=FileBytes()))
    assert isinstance(error, ChannelFilesTooMuch)
    assert error.text.values == {"channel": "#dev"}
    assert upload(hub, bob, user="ann", size=5000)


def test_guests_of_one_source_share_a_share() -> None:
    """They come back under another name, so names do not count."""
    hub = a_place_for_files(send_files=Role.GUEST, files=FileLimits(bytes_per_day=1000))
    upload(hub, come_in(hub, "zoé"), size=800)
    wanted = UploadWanted(asked=UploadFile(name="a", size=800), found=FileBytes())
    assert isinstance(refused(hub, come_in(hub, "max"), wanted), FilesTooMuch)


def test_the_remembered_quotas_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one unused for longest is forgotten, and is counted anew from the store."""
    monkeypatch.setattr(quotas_of_files, "REMEMBERED", 1)
    hub = a_place_for_files()
    one = hub.file_quotas.of("one", 100, 0, NOON)
    assert hub.file_quotas.of("one", 100, 50, NOON) is one
    hub.file_quotas.of("two", 100, 0, NOON)
    again = hub.file_quotas.of("one", 100, 50, NOON)
    assert again is not None
    assert again.left == 50


def test_there_is_no_room() -> None:
    """What is promised already counts; whoever is refused for it has spent nothing."""
    hub = a_place_for_files(files=FileLimits(bytes_per_day=10_000))
    hub.uploads.room = lambda: 5000.0
    bob = log_in(hub, "bob")
    upload(hub, bob, size=4000)
    wanted = UploadWanted(asked=UploadFile(name="a", size=2000), found=FileBytes())
    assert isinstance(refused(hub, bob, wanted), NoRoomForFiles)
    hub.uploads.room = lambda: 10_000.0
    assert upload(hub, bob, size=6000)


def test_too_many_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of one person, in all sessions; and of all people together."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    for _ in range(MOST_OF_ONE):
        upload(hub, bob, size=1)
    wanted = UploadWanted(asked=UploadFile(name="a", size=1), found=FileBytes())
    error = refused(hub, log_in(hub, "bob"), wanted)
    assert isinstance(error, TooManyUploads)
    assert error.retry_after == 600
    ann = log_in(hub, "ann")
    upload(hub, ann, size=1)
    monkeypatch.setattr(uploads, "MOST", 5)
    assert isinstance(refused(hub, ann, wanted), TooManyUploads)


def test_what_does_not_come_costs_nothing() -> None:
    """A permission that is not used, and a transfer that fails, give the share back."""
    hub = a_place_for_files(files=FileLimits(bytes_per_day=1000))
    bob = log_in(hub, "bob")
    first = upload(hub, bob, size=1000)
    begun = hub.uploads.begin(first.file, NOON)
    assert begun is not None
    hub.uploads.failed(begun)
    upload(hub, bob, size=1000)
    assert upload(hub, bob, size=1000, now=NOON + 601)


def test_a_permission_is_for_one_transfer() -> None:
    """The bytes come once, in time, and by a token that was given."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    token = upload(hub, bob).file
    assert hub.uploads.begin("another", NOON) is None
    assert hub.uploads.begin(token, NOON) is not None
    assert hub.uploads.begin(token, NOON) is None
    late = upload(hub, bob).file
    assert hub.uploads.begin(late, NOON + 600) is None


# -- sending it -------------------------------------------------------------------------------------------------------


def test_a_message_carries_a_file() -> None:
    """With words or without; whoever hears the message sees the file, and the upload is used up."""
    hub = a_place_for_files(web_address="https://chat.example")
    bob, ann = log_in(hub, "bob"), log_in(hub, "ann")
    sent = whole(hub, "1", 1, width=640, height=480)
    effects = decide(hub, bob, Say(content="", file=sent.token))
    message, file = records_of(effects)
    assert isinstance(message, MessageAdded)
    assert file == FileAttached(
        message_id=message.message_id,
        at=NOON_MS,
        user_id=1,
        channel_id=1,
        file=a_file(sent.token, width=640, height=480),
        session_id=message.session_id,
        actor="bob",
    )
    (event,) = heard_by(ann, commit(hub, effects))
    assert isinstance(event, Said)
    url = f"/files/{sent.token}/photo.png"
    assert event.file == FileShown(
        name="photo.png",
        type="image/png",
        size=1200,
        url=url,
        link=f"https://chat.example{url}",
        width=640,
        height=480,
    )
    assert event.content == ""
    assert len(hub.uploads) == 0
    assert isinstance(refused(hub, bob, Say(content="x", file=sent.token)), NoSuchUpload)


def test_a_private_message_carries_a_file() -> None:
    """It is of the conversation for which it was uploaded."""
    hub = a_place_for_files()
    bob, _ = log_in(hub, "bob"), log_in(hub, "ann")
    sent = whole(hub, "1", "1:2")
    effects = decide(hub, bob, Say(content="tiens", to="ann", subtype="private", file=sent.token))
    assert file_of(effects) == sent.file
    record = records_of(effects)[-1]
    assert isinstance(record, FileAttached)
    assert record.channel_id is None


def test_a_message_needs_words_or_a_file() -> None:
    """Blank words are refused with a file too: they are left out instead."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    assert isinstance(refused(hub, bob, Say(content="")), BadRequest)
    sent = whole(hub, "1", 1)
    assert isinstance(refused(hub, bob, Say(content=" ", file=sent.token)), BadRequest)
    assert sent.stage is Stage.WHOLE


def test_nobody_sends_what_is_not_theirs() -> None:
    """Another's file, one of another place, one whose bytes have not come: there is none, in the same words."""
    hub = a_place_for_files()
    bob, eve = log_in(hub, "bob"), log_in(hub, "eve")
    hub.restore([a_channel(7, "#tp")])
    ask(hub, eve, Join(channel="#tp"))
    mine, half = whole(hub, "1", 1), opened(hub, "1", 1)
    refusals = [
        refused(hub, eve, Say(content="", file=mine.token)),
        refused(hub, bob, Say(content="", channel="#dev", file=mine.token)),
        refused(hub, bob, Say(content="", to="eve", subtype="private", file=mine.token)),
        refused(hub, bob, Say(content="", file=half.token)),
        refused(hub, bob, Say(content="", file="no such token")),
    ]
    assert {(type(error), str(error), error.field) for error in refusals} == {
        (NoSuchUpload, str(NoSuchUpload()), "file")
    }


def test_who_may_not_write_any_more_sends_no_file() -> None:
    """The right is asked again with the message; the file waits meanwhile."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    sent = whole(hub, "1", 1)
    ask(hub, moderator(hub), Mute(user="bob", duration=60.0))
    assert isinstance(refused(hub, bob, Say(content="", file=sent.token)), Muted)
    assert decide(hub, bob, Say(content="", file=sent.token), NOON + 61)


def test_a_role_that_was_lowered_sends_no_file() -> None:
    """The permission is asked again, too."""
    hub = a_place_for_files(send_files=Role.MODERATOR)
    add_account(hub, "mod", "moderator")
    mod = log_in(hub, "mod")
    sent = whole(hub, "1", 1)
    hub.state.accounts_by_id[1].role = Role.MEMBER
    assert isinstance(refused(hub, mod, Say(content="", file=sent.token)), NotAllowed)


def test_a_guests_file_is_of_their_session() -> None:
    """Another guest who has the name later does not have it."""
    hub = a_place_for_files(send_files=Role.GUEST)
    zoe = come_in(hub, "zoé")
    token = upload(hub, zoe).file
    begun = hub.uploads.begin(token, NOON)
    assert begun is not None
    hub.uploads.received(begun, a_file(token), NOON)
    assert isinstance(refused(hub, come_in(hub, "max"), Say(content="", file=token)), NoSuchUpload)
    assert file_of(decide(hub, zoe, Say(content="", file=token)))


def test_a_file_is_taken_once() -> None:
    """Two messages at once: the second is refused; if the first is not stored, the file can be sent again."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    sent = whole(hub, "1", 1)
    effects = decide(hub, bob, Say(content="", file=sent.token))
    assert isinstance(refused(hub, bob, Say(content="", file=sent.token)), NoSuchUpload)
    hub.abandon(the_commit(effects).records)
    assert decide(hub, bob, Say(content="", file=sent.token))
    hub.abandon([FileAttached(message_id=1, at=0, file=a_file("unknown"))])


def test_a_message_over_the_quota_keeps_its_file() -> None:
    """The file can be sent when there is room for words again."""
    hub = a_place_for_files(stored_bytes_per_day=1000)
    bob = log_in(hub, "bob")
    sent = whole(hub, "1", 1)
    for quota in bob.quotas:
        quota.left = 50
    assert isinstance(refused(hub, bob, Say(content="", file=sent.token)), StoredTooMuch)
    assert sent.stage is Stage.WHOLE


def test_what_is_not_sent_is_superfluous() -> None:
    """After an hour; whoever keeps contents is told to look."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    sent = whole(hub, "1", 1)
    assert hub.uploads.digests() == {"ab" * 32}
    assert isinstance(refused(hub, bob, Say(content="", file=sent.token), NOON + 3600), NoSuchUpload)
    assert hub.uploads.outdated
    assert hub.uploads.digests() == frozenset()


def test_a_file_whose_message_is_on_its_way_does_not_expire() -> None:
    """Its commit decides."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    sent = whole(hub, "1", 1)
    decide(hub, bob, Say(content="", file=sent.token))
    hub.uploads.expire(NOON + 10_000)
    assert hub.uploads.digests() == {"ab" * 32}


def test_a_resend_with_a_file() -> None:
    """It is acknowledged if it is the same: the same words, the same file."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    sent = whole(hub, "1", 1)
    asked = Say(content="", file=sent.token, client_id="a")
    kept = next(each for each in records_of(ask_records(hub, bob, asked)) if isinstance(each, ClientIdKept))
    assert kept.said == digest(1, "", None, sent.token)
    again = decide(hub, bob, RefusedResend(asked=asked, found=kept))
    assert again == [Reply(asked, Acknowledged(message_id=kept.message_id, timestamp="2026-11-20T12:00:00.000Z"))]
    other = Say(content="", file="another", client_id="a")
    assert isinstance(refused(hub, bob, RefusedResend(asked=other, found=kept)), NoSuchUpload)


def ask_records(hub: Hub, session: Session, request: Say) -> list[Effect]:
    effects = decide(hub, session, request)
    commit(hub, effects)
    return effects


# -- removing it, and showing it --------------------------------------------------------------------------------------


def test_a_deleted_message_loses_its_file() -> None:
    """By the same commit; whoever keeps contents is told to look."""
    hub = a_place_for_files()
    bob = log_in(hub, "bob")
    message = MessageAdded(message_id=7, at=NOON_MS, channel_id=1, author="bob", author_id=1, content="")
    stored = StoredMessage(message=message, details=Details(file=a_file()))
    effects = decide(hub, bob, ToDelete(asked=Delete(message_id=7), found=stored))
    removed = [each for each in records_of(effects) if isinstance(each, FileRemoved)]
    assert [each.message_id for each in removed] == [7]
    commit(hub, [each for each in effects if isinstance(each, Commit)])
    assert hub.uploads.outdated


def test_a_stored_file_is_told_with_its_message() -> None:
    """Out of its details; of a deleted message no more."""
    hub = a_place_for_files()
    message = MessageAdded(message_id=7, at=NOON_MS, channel_id=1, author="bob", content="")
    file = a_file(name="Résumé du cours.png")
    told = said(hub, message, Details(file=file))
    assert told.file == shown(hub, file)
    assert shown(hub, file).url == "/files/a token/Resume_du_cours.png"
    assert shown(hub, file).link is None
    assert not said(hub, message, Details(file=file, deleted_at=NOON_MS)).file


def test_a_file_in_words() -> None:
    """For clients that show none: its name, its size, and its address if that is known."""
    hub = a_place_for_files(web_address="http://192.0.2.1:8080")
    message = MessageAdded(message_id=7, at=NOON_MS, channel_id=1, author="bob", content="tiens", file=a_file())
    link = "http://192.0.2.1:8080/files/a token/photo.png"
    assert in_words(said(hub, message), str) == f"tiens [file: photo.png, 2 kB] {link}"
    bare = MessageAdded(message_id=7, at=NOON_MS, channel_id=1, author="bob", content="", file=a_file())
    assert in_words(said(a_place_for_files(), bare), str) == "[file: photo.png, 2 kB]"
