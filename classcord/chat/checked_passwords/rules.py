"""The second part of a request, after its password was compared or hashed. Knows no password and no digest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from classcord.chat.accounts.changed_passwords import old_password_verified
from classcord.chat.accounts.rules import authenticated, made_or_renewed
from classcord.chat.accounts.vocabulary import Authenticate, Password
from classcord.chat.checked_passwords.vocabulary import Hashed, Verified
from classcord.chat.identity.rules import logged_in
from classcord.chat.identity.vocabulary import Login
from classcord.chat.privacy.rules import own_password_verified
from classcord.chat.privacy.vocabulary import DeleteMyAccount
from classcord.chat.registration.rules import registered
from classcord.chat.registration.vocabulary import Register
from classcord.chat.registry import decides

if TYPE_CHECKING:
    from classcord.chat.effects import Effect
    from classcord.chat.people import Session
    from classcord.chat.world import World


@decides
def verified(world: World, session: Session, request: Verified, now: float) -> list[Effect]:
    match request.asked:
        case Login() as asked:
            return logged_in(world, session, asked, request, now)
        case Password() as asked:
            return old_password_verified(world, session, asked, request)
        case DeleteMyAccount() as asked:
            return own_password_verified(world, session, asked, request, now)
        case Authenticate() as asked:
            return authenticated(world, session, asked, request, now)


@decides
def hashed(world: World, session: Session, request: Hashed, now: float) -> list[Effect]:
    match request.asked:
        case Register() as asked:
            return registered(world, session, asked, request, now)
        case _ as asked:
            return made_or_renewed(world, session, asked, request, now)
