"""The arguments of one command, parsed from the left. Ambiguous input is refused, with the right form.

Knows the grammar of a command and the words of one line, not who asks nor what the effects are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, NoReturn

import msgspec

from classcord.chat import durations
from classcord.chat.maintenance.vocabulary import Maintenance
from classcord.chat.operations.vocabulary import CancelShutdown, Shutdown
from classcord.chat.requests import Request
from classcord.chat.text import N_, Text
from classcord.chat.words import codes
from classcord.console.commands import duration_words
from classcord.console.commands.grammar import PLACEHOLDERS, Argument, grammar, placeholder, usage_text
from classcord.console.commands.near_misses import check_no_end, check_no_option, is_near_cancel, near_option
from classcord.console.commands.quoting import Word, next_word, unquoted
from classcord.console.commands.usage_errors import UsageError, WrongArgument
from classcord.language import code_of

SWITCHES = ("--json", "--yes", "--help")  # options that every command has
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_HASHES = "\uff03\u266f\ufe5f"  # ＃ ♯ ﹟


class Asked(NamedTuple):
    """The result of parsing a line: a request, help (on one command, or "" for all), clear the screen, or leave."""

    request: Request | None = None
    help: str | None = None
    leave: bool = False
    clear: bool = False
    json: bool = False
    yes: bool = False


class Arguments:
    """The arguments of one line, parsed from the left."""

    def __init__(self, kind: type[Request], rest: str, is_channel: Callable[[str], bool]) -> None:
        """`is_channel` says whether a word is a channel's name, without its #."""
        self._kind = kind
        self._rest = rest
        self._is_channel = is_channel
        self._grammar = grammar(kind)
        self._places = list(self._grammar.placed)
        self._values: dict[str, Any] = {}
        self._json = self._yes = self._help = self._cancel = False
        self._options_end = False
        self._late = ""  # a part of a text that may be meant as a time
        self._text = ""  # the beginning of a positional text
        self._duration = next((a for a in self._grammar.placed if a.kind == "duration"), None)

    def asked(self) -> Asked:
        """Return what the line asks; UsageError says what is wrong with it, and how the command is written."""
        try:
            return self._asked()
        except WrongArgument as error:
            raise UsageError(N_("{why}; usage: {usage}"), why=error.text, usage=usage_text(self._kind)) from None

    def _asked(self) -> Asked:
        while self._rest.strip():
            if self._options_end or not self._rest.lstrip().startswith("--"):
                self._place()
            else:
                self._option()
        if self._help:
            return Asked(help=str(self._kind.command))
        if self._cancel:
            return Asked(request=CancelShutdown(), json=self._json, yes=self._yes)
        for argument in self._places:
            if argument.required:
                self._wrong(N_("{name} is missing"), name=placeholder(argument))
        if self._duration is not None and self._duration.name not in self._values:
            self._check_no_time_was_meant()
        return Asked(request=self._request(), json=self._json, yes=self._yes)

    def _check_no_time_was_meant(self) -> None:
        """Refuse a text that may be meant to contain a duration; a stop of the server never begins by a text."""
        if self._text and issubclass(self._kind, Shutdown):
            self._wrong(
                N_(
                    "“{word}” is no delay; write one before the text (5min, 1h30, or 0 for at once), or --reason "
                    '"{word} …" for at once'
                ),
                word=self._text[:40],
            )
        if self._late:
            self._wrong(
                N_(
                    "“{word}” may be a time or a part of the text; write the duration before the text (90, 30min, "
                    "2h, 1h30, 7d, 2w), or the text in quotes"
                ),
                word=self._late[:40],
            )

    def _request(self) -> Request:
        try:
            return msgspec.convert({"type": self._kind.__struct_config__.tag, **self._renamed()}, self._kind)
        except msgspec.ValidationError as error:
            found = re.search(r"`\$\.(\w+)`|field `(\w+)`", str(error))
            name = (found[1] or found[2]) if found else "?"
            self._wrong(
                N_("{name} is not what it should be"), name=Text(PLACEHOLDERS.get(name.rstrip("_"), name.upper()))
            )

    def _renamed(self) -> dict[str, Any]:
        """Return the values by their fields' names on the wire."""
        fields = self._kind.__struct_fields__
        names = dict(zip(fields, self._kind.__struct_encode_fields__, strict=True))
        return {names[name]: value for name, value in self._values.items()}

    def _wrong(self, template: str, **values: object) -> NoReturn:
        raise WrongArgument(template, **values)

    # -- positional arguments -----------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Read a word, or the rest of the line, for the next positional argument."""
        while self._places:
            argument = self._places.pop(0)
            if argument.name in self._values:  # it was already given by name
                continue
            if argument.kind == "words":
                text = self._all_words(argument)
                self._text = text.split()[0] if text.split() else ""
                if text or not self._values.get(argument.name):
                    self._values[argument.name] = text
                return
            if argument.kind == "duration":
                if self._took_duration(argument):
                    return
                continue
            if argument.kind == "channels":
                self._values[argument.name] = self._all_channels()
                return
            word = next_word(self._rest)
            if not argument.required and not self._fits(argument, word, self._places):
                continue
            self._rest = word.rest
            self._values[argument.name] = self._value(argument, word.text)
            return
        self._wrong(N_("“{word}” is too much"), word=self._rest.strip().split()[0][:40])

    def _fits(self, argument: Argument, word: Word, following: Sequence[Argument]) -> bool:
        """Whether a word belongs to an optional argument: a channel begins with #.

        The # is optional where the word can be nothing else: in `topic dev`, but not in `say dev`.
        """
        if argument.kind != "channel" or word.text.startswith("#"):
            return True
        if word.text[0:1] in _HASHES and word.text:
            self._wrong(N_("“{word}” does not begin with #; write #{name}"), word=word.text, name=word.text[1:])
        if any(each.kind == "duration" for each in following) and durations.seems_meant(word.text):
            return False
        kinds = {each.kind for each in following if each.required or each.kind == "number"}
        if "words" in kinds and not word.quoted and self._is_channel(word.text):
            self._wrong(
                N_("“{word}” may be the channel or the beginning of the text; write #{word}, or the text in quotes"),
                word=word.text,
            )
        return "words" not in kinds and not ("number" in kinds and _NUMBER.fullmatch(word.text))

    def _took_duration(self, argument: Argument) -> bool:
        """Read the duration at the beginning of the rest; return whether there is one."""
        found = duration_words.placed(self._rest, self._text_option, may_be_now=issubclass(self._kind, Shutdown))
        if found is not None:
            self._take(argument, *found)
        return found is not None

    def _all_channels(self) -> list[str]:
        """Read the words up to the next option, each of which is a channel."""
        found = []
        while self._rest.strip() and not self._rest.lstrip().startswith("--"):
            word = next_word(self._rest)
            self._rest = word.rest
            found += word.text.split(",") if not word.quoted else [word.text]
        return [each for each in found if each]

    @property
    def _text_option(self) -> str:
        return next((a.option.removeprefix("--") for a in self._grammar.placed if a.kind == "words"), "reason")

    # -- texts --------------------------------------------------------------------------------------------------------

    def _all_words(self, argument: Argument) -> str:
        """Return the rest as it was typed, without quotes around all of it; options after it are left."""
        text = self._rest.strip()
        self._rest = ""
        if self._options_end:
            return unquoted(text) or text
        while (whole := unquoted(text)) is None:
            found = re.search(r"(?:^|\s)--(json|yes)$", text)
            if found is None:
                break
            self._switch(f"--{found[1]}")
            text = text[: found.start()].rstrip()
        if whole is not None:
            return whole
        places = [place for o in self._grammar.options if (place := re.search(rf"(?:^|\s){o}(?:[=\s]|$)", text))]
        if places:
            first = min(place.start() for place in places)
            self._rest = text[first:]
            text = text[:first].strip()
            if (whole := unquoted(text)) is not None:
                return whole
        self._check(argument, text)
        return text

    def _check(self, argument: Argument, text: str) -> None:
        """Refuse a text that may be meant as something else."""
        words = text.split()
        check_no_option(words, self._options)
        if issubclass(self._kind, Maintenance):
            check_no_end(text)
        if self._duration is None or argument is self._duration or not words:
            return
        given = self._duration.name in self._values
        if given:
            duration_words.refuse_second("", words[0], self._text_option)
        self._late = durations.time_in(text)
        if issubclass(self._kind, Shutdown) and is_near_cancel(words[0]):
            if text == "cancel" and not given:
                self._cancel = True
            elif len(words) == 1 or not given:
                self._wrong(N_("“{word}” may be meant to call it off; that is `shutdown cancel`"), word=words[0][:40])

    @property
    def _options(self) -> tuple[str, ...]:
        return (*self._grammar.options, *SWITCHES)

    # -- options ------------------------------------------------------------------------------------------------------

    def _option(self) -> None:
        word = next_word(self._rest)
        self._rest = word.rest
        if word.text == "--":
            self._options_end = True
            return
        if self._switch(word.text):
            return
        name, equals, value = word.text.partition("=")
        argument = self._grammar.options.get(name)
        if argument is None:
            near = near_option(name, self._options)
            if near:
                self._wrong(N_("there is no option {option}; did you mean {near}?"), option=name[:40], near=near)
            self._wrong(N_("there is no option {option}"), option=name[:40])
        if argument.kind == "secret":
            self._wrong(N_("a password is not written in the command, where it would be kept; it is asked for"))
        if argument.kind == "flag":
            if equals:
                self._wrong(N_("{option} takes no value: write it, or leave it out"), option=name)
            self._values[argument.name] = True
            return
        if not equals and not self._rest.strip():
            self._wrong(N_("{option} needs a value"), option=name)
        if argument.kind == "duration":
            seconds, rest = duration_words.of_option(f"{value} {self._rest}" if equals else self._rest)
            self._take(argument, int(seconds), rest)  # some fields have whole seconds
            return
        if not equals:
            word = next_word(self._rest)
            value, self._rest = word.text, word.rest
        self._take(argument, self._value(argument, value), self._rest)

    def _take(self, argument: Argument, value: object, rest: str) -> None:
        if argument.name in self._values:
            self._wrong(N_("{name} is given twice"), name=placeholder(argument))
        self._values[argument.name] = value
        self._rest = rest

    def _switch(self, word: str) -> bool:
        """Read an option that every command has."""
        if word == "--json":
            self._json = True
        elif word == "--yes":
            self._yes = True
        elif word == "--help":
            self._help = True
        else:
            return False
        return True

    def _value(self, argument: Argument, word: str) -> object:
        if argument.kind == "channels":
            return [each for each in word.split(",") if each]
        if argument.kind == "number":
            if not re.fullmatch("[0-9]{1,16}", word):
                self._wrong(N_("{name} is a whole number"), name=placeholder(argument))
            return int(word)
        code = code_of(word, argument.choices or codes(argument.field))
        if argument.kind in {"choice", "switch"} and code not in argument.choices:
            self._wrong(
                N_("{name} is one of {choices}"), name=placeholder(argument), choices=", ".join(argument.choices)
            )
        if argument.kind == "switch":
            return code == argument.choices[0]
        return code
