"""Alerts to the people who look after the server: in the log, online and by mail, and how often.

An alert is sent once, however often its cause is checked; then once a day while it lasts, and once when it is over. The
number of mails an hour is limited; the next mail counts those that were left out. Does not know what causes alerts
(troubles.py), nor how a mail is sent (mail.py).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import msgspec
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from classcord.chat.text import N_, Text
from classcord.services.alerts.mail import Mail
from classcord.services.process.optional_files import OptionalFile

HOUR, DAY = 3600.0, 86_400.0
CALM = 900.0  # an alert that begins again within so many seconds after its end counts as the same alert


class AlertState(msgspec.Struct):
    """What must survive a restart; without it, a server that crashes repeatedly would send a mail each time."""

    told: dict[str, float] = {}  # when the last mail was written, for each alert that is not known to be over
    sent: list[float] = []  # when the mails of the last hour were sent
    left_out: dict[str, int] = {}


class Memory(Protocol):
    """Where the state of the alerts is kept."""

    def load(self) -> AlertState: ...
    def save(self, kept: AlertState) -> None: ...


class AlertStateFile:
    """A small file; if it is lost or broken, the server sends a mail too many."""

    def __init__(self, path: Path) -> None:
        self._file = OptionalFile(path)

    def load(self) -> AlertState:
        content = self._file.load()
        if content is None:
            return AlertState()
        try:
            return msgspec.json.decode(content, type=AlertState)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return AlertState()

    def save(self, kept: AlertState) -> None:
        self._file.save(msgspec.json.encode(kept))


class _Lasting:
    """An alert whose cause lasts."""

    def __init__(self, words: Text, advice: tuple[Text, ...], due: float, *, aloud: bool) -> None:
        self.words = words
        self.advice = advice
        self.aloud = aloud
        self.due = due  # when to send it, or send it again
        self.told = False


class Alerts:
    """Sends each alert as often as it should be sent. Call `look` regularly."""

    log = Logger()

    def __init__(
        self,
        *,
        per_hour: Callable[[], int],
        wanted: Callable[[], bool],
        send: Callable[[Mail], Any],
        tell: Callable[[Text], None],
        memory: Memory,
        clock: IReactorTime,
    ) -> None:
        """`tell` reaches the administrators who are online; `per_hour` is the number of mails, 0 for no limit.

        If mails are not `wanted`, none is counted as sent or left out.
        """
        self._per_hour = per_hour
        self._wanted = wanted
        self._send = send
        self._tell = tell
        self._memory = memory
        self._clock = clock
        self._kept = memory.load()
        self._lasting: dict[str, _Lasting] = {}
        self._ended: dict[str, float] = {}

    def begins(self, kind: str, words: Text, *advice: Text, grace: float = 0.0, aloud: bool = True) -> None:
        """Send an alert if its cause still lasts in `grace` seconds; may be called repeatedly.

        `kind` is a stable word, `words` is one sentence, `advice` is paragraphs with details and what to do. Without
        `aloud` the alert goes by mail only: somebody else writes the log and tells the administrators online.
        """
        now = self._clock.seconds()
        lasting = self._lasting.get(kind)
        if lasting is None:
            ended = self._ended.get(kind, -CALM)
            due = ended + CALM if 0 <= now - ended < CALM else now
            lasting = self._lasting[kind] = _Lasting(words, advice, max(due, now + grace), aloud=aloud)
        lasting.words, lasting.advice = words, advice
        self._tell_if_due(kind, lasting, now)

    def ends(self, kind: str, words: Text, *more: Text) -> None:
        """Report that the cause of an alert is gone, to those who received it; may be called repeatedly."""
        lasting = self._lasting.pop(kind, None)
        mailed = self._kept.told.pop(kind, None) is not None
        if lasting is not None and lasting.told:
            self._ended[kind] = self._clock.seconds()
            if lasting.aloud:
                self.log.info("{words}", words=words.render())
                self._tell(words)
        if mailed:
            self._mail(kind, words, more)

    def forget(self, kind: str) -> None:
        """Drop an alert without a report: another one replaces it."""
        self._lasting.pop(kind, None)
        if self._kept.told.pop(kind, None) is not None:
            self._memory.save(self._kept)

    def happened(self, kind: str, words: Text, *advice: Text) -> bool:
        """Report something that does not last, by mail at most once a day; return whether a mail was sent."""
        self._say(words)
        return self._mail_daily(kind, words, advice)

    def note(self, kind: str, words: Text, *more: Text) -> None:
        """Report good news, by mail and in the log."""
        self.log.info("{words}", words=words.render())
        self._mail(kind, words, more)

    def look(self) -> None:
        """Send the alerts that are due."""
        now = self._clock.seconds()
        for kind, lasting in list(self._lasting.items()):
            self._tell_if_due(kind, lasting, now)

    def _tell_if_due(self, kind: str, lasting: _Lasting, now: float) -> None:
        if now < lasting.due <= now + DAY:  # a later time comes from a clock that was set back
            if lasting.told and kind not in self._kept.told:  # mails were not wanted before; they may be now
                self._mail_daily(kind, lasting.words, lasting.advice)
            return
        lasting.due = now + DAY
        lasting.told = True
        if lasting.aloud:
            self._say(lasting.words)
        self._mail_daily(kind, lasting.words, lasting.advice)

    def _say(self, words: Text) -> None:
        self.log.warn("{words}", words=words.render())
        self._tell(words)

    def _mail_daily(self, kind: str, words: Text, advice: tuple[Text, ...]) -> bool:
        now = self._clock.seconds()
        if not self._wanted() or 0 <= now - self._kept.told.get(kind, -DAY) < DAY:
            return False
        self._kept.told[kind] = now
        return self._mail(kind, words, advice)

    def _mail(self, kind: str, words: Text, more: tuple[Text, ...]) -> bool:
        """Send a mail unless the hour's limit is reached; return whether it is sent."""
        if not self._wanted():
            return False
        now, kept = self._clock.seconds(), self._kept
        kept.sent = [at for at in kept.sent if 0 <= now - at < HOUR]
        most = self._per_hour()
        room = not most or len(kept.sent) < most
        if not room:
            kept.left_out[kind] = kept.left_out.get(kind, 0) + 1
            self.log.warn("no mail of this: there were {count} within an hour", count=len(kept.sent))
        else:
            kept.sent.append(now)
            self._send(Mail(kind, now, words, (words, *more, *_left_out(kept.left_out))))
            kept.left_out = {}
        self._memory.save(kept)
        return room


def _left_out(counts: dict[str, int]) -> tuple[Text, ...]:
    if not counts:
        return ()
    listed = ", ".join(f"{kind} {count}" for kind, count in sorted(counts.items()))
    words = N_("Before this one, {count} mails were left out, for there were too many within an hour: {listed}.")
    return (Text(words, {"count": sum(counts.values()), "listed": listed}),)
