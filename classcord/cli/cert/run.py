"""The work of `classcord cert ca`, `server` and `show`. Knows folders, no running server.

It only writes files; a running server finds new ones itself.
"""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from cryptography import x509

from classcord.chat.text import N_, is_readable
from classcord.cli.cert import authority
from classcord.cli.cert.authority import CertificateDetails, is_made_by, issue, load_authority, make_authority, shown
from classcord.cli.options import as_started, program, say_refused
from classcord.language import refused, terminal_language, translator
from classcord.services.tls import key_pairs
from classcord.services.tls.certificates import CERTIFICATE, KEY, CertificateError, look_at
from classcord.settings import Settings, SettingsError, chosen
from classcord.wire.json_text import json_text

REFUSED = (SettingsError, CertificateError)


def run(name: str, arguments: argparse.Namespace) -> int:
    """Run the subcommand `name`. Returns 0 for success, 1 if it would replace a file, 2 if it was refused."""
    try:
        return _WORK[name](chosen(arguments.config, arguments.overrides), arguments)
    except REFUSED as error:
        return say_refused(error, arguments)


def _directory(arguments: argparse.Namespace) -> Path:
    """Return the folder of the authority."""
    chosen_one: Path = arguments.directory or arguments.data / "ca"
    return chosen_one.absolute()


def _safe(text: str) -> str:
    """Return a text without control characters: the names in a certificate may contain any text."""
    return "".join(c if is_readable(c) else "?" for c in text)


# -- ca ---------------------------------------------------------------------------------------------------------------


def _ca(_settings: Settings, arguments: argparse.Namespace) -> int:
    directory = _directory(arguments)
    made = make_authority(directory, arguments.name, datetime.now(timezone.utc))
    _ = translator(terminal_language())
    print("\n".join(_described(shown(made), directory / authority.CERTIFICATE)))
    print(
        _("Key: {file} (for you alone; whoever has it is trusted by everybody)").format(file=directory / authority.KEY)
    )
    print()
    place = "" if arguments.directory is None else f" --directory {shlex.quote(str(directory))}"
    command = f"{program('classcord')} cert server"
    print(_("Next: {command} NAME-OR-ADDRESS…{place}").format(command=command, place=place))
    print()
    print("\n".join(_how_to_trust(directory / authority.CERTIFICATE)))
    return 0


def _how_to_trust(file: Path) -> list[str]:
    """Return lines that explain how to trust the authority."""
    _ = translator(terminal_language())
    name = shlex.quote(file.name)
    return [
        _("How people come to trust it: give them {file} (no secret), and let them compare its fingerprint.").format(
            file=file
        ),
        _(
            "  Java     keytool -importcert -noprompt -alias school -file {name} "
            "-keystore school.p12 -storepass changeit"
        ).format(name=name),
        _("           java -Djavax.net.ssl.trustStore=school.p12 -Djavax.net.ssl.trustStorePassword=changeit …"),
        _("  Firefox  Settings > Privacy & Security > View Certificates > Authorities > Import: “identify websites”"),
        _("  Debian   cp {name} /usr/local/share/ca-certificates/ && update-ca-certificates").format(name=name),
        _("  chat     classcord chat --ca {name} HOST").format(name=name),
        _("  OpenSSL  openssl s_client -connect HOST:12346 -CAfile {name} -verify_return_error").format(name=name),
    ]


# -- server -----------------------------------------------------------------------------------------------------------


def _server(settings: Settings, arguments: argparse.Namespace) -> int:
    _ = translator(terminal_language())
    signer = load_authority(_directory(arguments))
    issued = issue(signer, arguments.names, datetime.now(timezone.utc))
    directory = settings.tls.path(arguments.data.absolute())
    if not arguments.force and _is_foreign(directory, signer.certificate):
        words = _(N_("{directory}: ClassCord has not made the certificate that is there; --force replaces it."))
        print(f"classcord: {words.format(directory=directory)}", file=sys.stderr)
        return 1
    key_pairs.install(directory, issued.key, issued.chain)
    print("\n".join(_described(shown(issued.certificate), directory / CERTIFICATE)))
    taken = _("A running server takes it within a minute; at once with `classcord ctl reload`.")
    print(as_started(taken, arguments))
    return 0


def _is_foreign(directory: Path, signer: x509.Certificate) -> bool:
    """Whether a file there was not made by ClassCord; a pair that cannot be read counts as such."""
    if not any(os.path.lexists(directory / name) for name in (KEY, CERTIFICATE)):
        return False
    try:
        return not is_made_by(look_at(directory), signer)
    except CertificateError:
        return True


# -- show -------------------------------------------------------------------------------------------------------------


def _show(settings: Settings, arguments: argparse.Namespace) -> int:
    directory = settings.tls.path(arguments.data.absolute())
    try:
        found = shown(look_at(directory))
    except CertificateError as error:
        print(as_started(refused(error), arguments), file=sys.stderr)
        return 1
    if arguments.json:
        print(json_text(_as_json(found), only_ascii=True))
    else:
        print("\n".join(_described(found, directory / CERTIFICATE)))
    return 0


def _described(found: CertificateDetails, file: Path) -> list[str]:
    """Return the description of a certificate, as lines."""
    _ = translator(terminal_language())
    own = _("itself (self-signed)")
    rows: Sequence[tuple[str, str]] = (
        (_("Certificate"), str(file)),
        (_("Subject"), found.subject),
        (_("Issuer"), own if found.self_signed else found.issuer),
        (_("Names"), ", ".join(found.names) or "–"),
        (_("Valid"), f"{found.valid_from:%Y-%m-%d %H:%M} – {found.valid_until:%Y-%m-%d %H:%M} UTC"),
        (_("Fingerprint"), f"sha256:{found.fingerprint}"),
    )
    width = max(len(name) for name, _value in rows)
    return [f"{name:{width}}  {_safe(value)}" for name, value in rows]


def _as_json(found: CertificateDetails) -> dict[str, object]:
    return {
        "subject": found.subject,
        "issuer": found.issuer,
        "self_signed": found.self_signed,
        "names": found.names,
        "valid_from": found.valid_from.isoformat(),
        "valid_until": found.valid_until.isoformat(),
        "sha256": found.fingerprint,
    }


_WORK: dict[str, Callable[[Settings, argparse.Namespace], int]] = {"ca": _ca, "server": _server, "show": _show}
