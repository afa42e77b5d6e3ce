"""The words of connections. Decides nothing."""

from __future__ import annotations

from classcord.chat.errors import BadRequest, ChatError
from classcord.chat.events import Answer, Event
from classcord.chat.policy import Registration
from classcord.chat.requests import (
    Internal,
    Request,
)
from classcord.chat.roles import Permission
from classcord.chat.text import N_


class Hello(Request, tag="hello"):
    permission = Permission.CONNECT
    summary = N_("begin the modern dialect and learn what the server offers")

    protocol: int = 2
    client: str = ""
    encoding: str = "ascii"
    lang: str = ""
    listens: bool = True
    """Whether a person reads the events of this connection; if not, private messages wait for one that shows them."""


class Ping(Request, tag="ping"):
    permission = Permission.CONNECT
    summary = N_("ask whether the server is there")


class Quit(Request, tag="disconnect"):
    permission = Permission.CONNECT
    summary = N_("leave, and have the connection closed")


class HelloExpected(BadRequest):
    template = N_("The first request of this connection must be `hello`.")


class Malformed(Internal, gc=True, tag="-malformed"):
    """A line that is no request; its refusal keeps its order among the answers.

    An error may refer to any object, so the cycle collector must see this request, unlike others.
    """

    error: ChatError


class Finished(Internal, tag="-finished"):
    """The client sends nothing more; it still reads the answers."""


class Disconnect(Internal, tag="-disconnect"):
    """The connection is gone."""


class Welcome(Answer, gc=True):
    """The answer to `hello`."""

    server: str
    version: str
    protocol: int
    encoding: str
    lang: str
    limits: dict[str, float]
    auth: tuple[str, ...]
    features: tuple[str, ...]
    motd: str
    registration: Registration
    """Who makes an account: everybody, whoever has an invitation code, or nobody but administrators."""
    heartbeat: int
    """Seconds: if nothing else is written for so long, a Heartbeat is; 0: the server writes none."""


class Heartbeat(Event, tag="heartbeat"):
    """The server is there, and has nothing else to say.

    A client that hears nothing for two intervals knows that its link is dead.
    """
