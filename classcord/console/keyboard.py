"""What is typed at a console, handed to its line editor: a little in each turn of the reactor, and never too early.

Knows bytes and what becomes of them, no command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

if TYPE_CHECKING:
    from classcord.console.carrier import Carrier
    from classcord.console.lineedit.editor import Editor
    from classcord.console.lineedit.outcomes import Outcome

HELD_BACK = 65_536  # bytes of commands that wait for the one that runs, until no more is read
AT_ONCE = 256  # bytes that are typed, in one turn of the reactor
ESCAPE_WAIT = 0.05  # seconds after which an escape is the key, not the beginning of one

_CTRL_C = b"\x03"


class Keyboard:
    """The input of one console, until `stop`."""

    def __init__(
        self,
        editor: Editor,
        carrier: Carrier,
        clock: IReactorTime,
        *,
        did: Callable[[Sequence[Outcome]], None],
        taken: Callable[[], None],
    ) -> None:
        """`did` is given what the editor made of the keys; `taken` is called when all of them are taken for now."""
        self._editor = editor
        self._carrier = carrier
        self._clock = clock
        self._did = did
        self._taken = taken
        self._waiting = b""
        self._feeding = False  # the rest of what waits is taken in the reactor's next turn
        self._stopped = False
        self.input_over = False
        """Whether no more will be typed."""

    @property
    def has_more(self) -> bool:
        """Whether more was typed already, or more would wait for nobody."""
        return bool(self._waiting) or self._editor.has_keys or self.input_over

    @property
    def exhausted(self) -> bool:
        """Whether no more will be typed, and all that was is taken."""
        return self.input_over and not (self._waiting or self._feeding or self._editor.unsettled or self._stopped)

    def typed(self, data: bytes) -> None:
        """Take input. A Ctrl-C that comes behind much that waits overtakes it: what waits was typed before it."""
        interrupts = data.rfind(_CTRL_C) + 1
        if interrupts and self._editor.crowded:
            self._waiting, data = b"", data[interrupts:]
            self.press(_CTRL_C)
        self._waiting += data
        self.go_on()

    def press(self, key: bytes) -> None:
        """Take a key that does not wait for its turn."""
        self._did(self._editor.feed(key))

    def go_on(self) -> None:
        """Take what waits, as more of it may be taken now."""
        if not self._feeding:
            self._feed()

    def stop(self) -> None:
        """Take nothing any more."""
        self._stopped = True

    def _feed(self) -> None:
        """Take so much in each turn of the reactor: what is pasted holds nobody up.

        Commands that wait for the one that runs are held back, so that none of them is lost.
        """
        self._feeding = False
        if self._stopped:
            return
        if self._waiting and not self._held_up:
            data, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            self.press(data)
            if self._stopped:
                return
        if self._waiting and not self._held_up:
            self._carrier.pause()
            self._feeding = True
            deferLater(self._clock, 0, self._feed)
            return
        if len(self._waiting) > HELD_BACK:
            self._carrier.pause()
        else:
            self._carrier.resume()
        if self._editor.unsettled:
            deferLater(self._clock, ESCAPE_WAIT, self._settle)
        self._taken()

    @property
    def _held_up(self) -> bool:
        return self._editor.crowded and self._editor.resting

    def _settle(self) -> None:
        if not self._stopped:
            self._did(self._editor.settle())
            self._taken()
