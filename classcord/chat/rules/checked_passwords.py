"""How a request goes on when its password has been compared or hashed. Knows no password and no digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.requests import Authenticate, Hashed, Login, Password, Register, Verified
from classcord.chat.rules.accounts import authenticated, made_or_renewed, old_password_verified
from classcord.chat.rules.identity import logged_in
from classcord.chat.rules.registration import registered

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.people import Session
    from classcord.chat.records import Record
    from classcord.chat.requests import Request
    from classcord.chat.world import Change, Decision, World


def verified(world: World, session: Session, request: Verified, now: float) -> list[Effect]:
    match request.asked:
        case Login() as asked:
            return logged_in(world, session, asked, request, now)
        case Password() as asked:
            return old_password_verified(world, session, asked, request)
        case Authenticate() as asked:
            return authenticated(world, session, asked, request, now)


def hashed(world: World, session: Session, request: Hashed, now: float) -> list[Effect]:
    match request.asked:
        case Register() as asked:
            return registered(world, session, asked, request, now)
        case _ as asked:
            return made_or_renewed(world, session, asked, request, now)


DECISIONS: dict[type[Request], Decision] = {Verified: verified, Hashed: hashed}
CHANGES: dict[type[Record], Change] = {}
