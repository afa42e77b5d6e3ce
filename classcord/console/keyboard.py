"""Passes the input of a console to its line editor: a part in each turn of the reactor, and not before it can be used.

Knows bytes and outcomes, no command.
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

HELD_BACK = 65_536  # bytes of commands that wait for the running one; above this, no more input is read
AT_ONCE = 256  # bytes of input for each turn of the reactor
ESCAPE_WAIT = 0.05  # seconds; after that, an escape is the Escape key, not the beginning of another key

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
        """`did` gets the outcomes of the editor; `taken` is called whenever no input waits that could be used now."""
        self._editor = editor
        self._carrier = carrier
        self._clock = clock
        self._did = did
        self._taken = taken
        self._waiting = b""
        self._feeding = False  # the reactor's next turn will call _feed
        self._stopped = False
        self.input_over = False
        """Whether no more input will come."""

    @property
    def has_more(self) -> bool:
        """Whether the user has typed more already, or has closed the input: nobody waits for a key."""
        return bool(self._waiting) or self._editor.has_keys or self.input_over

    @property
    def exhausted(self) -> bool:
        """Whether no more input will come, and all input is processed."""
        return self.input_over and not (self._waiting or self._feeding or self._editor.unsettled or self._stopped)

    def typed(self, data: bytes) -> None:
        """Add input. If much input waits, a Ctrl-C removes it: it was typed before the Ctrl-C."""
        interrupts = data.rfind(_CTRL_C) + 1
        if interrupts and self._editor.crowded:
            self._waiting, data = b"", data[interrupts:]
            self.press(_CTRL_C)
        self._waiting += data
        self.go_on()

    def press(self, key: bytes) -> None:
        """Process keys at once, before the waiting input."""
        self._did(self._editor.feed(key))

    def go_on(self) -> None:
        """Process the waiting input, because the editor may accept more now."""
        if not self._feeding:
            self._feed()

    def stop(self) -> None:
        """Process no more input."""
        self._stopped = True

    def _feed(self) -> None:
        """Process a part of the input, and the rest in later turns of the reactor, so that a long paste delays nobody.

        Commands that wait for the running one stay here, so that none of them is lost.
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
