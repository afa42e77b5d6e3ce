"""A school's own certificate authority: made once; it signs the servers' certificates.

Its key only signs; its owner decides where to keep it. Knows folders and names, no sockets and no clock. Sources: RFC
5280 §4.2; RFC 9525 (names); CA/Browser Forum, Baseline Requirements §6.3.2 (validity).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from classcord.chat.text import N_, is_readable
from classcord.durable import created, keep, keep_names
from classcord.services.tls.certificates import CertificateError, general_name, is_self_made
from classcord.services.tls.key_pairs import make_folder
from classcord.system_errors import in_words

KEY = "ca.key"
CERTIFICATE = "ca.crt"  # Windows, Android and Firefox recognise this file ending

YEARS = timedelta(days=3650)  # of the authority
SERVER_DAYS = timedelta(days=397)  # a school year and a month; browsers accept at most 398 days
EARLIER = timedelta(days=1)  # clocks differ
# of a common name: RFC 5280 appendix A.1 counts characters, the library cryptography counts bytes of UTF-8
LONGEST_NAME = 64


class Authority(NamedTuple):
    """A certificate that signs others, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Issued(NamedTuple):
    """A server's key, and its certificate followed by the authority's, in PEM."""

    key: bytes
    chain: bytes
    certificate: x509.Certificate


class CertificateDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What people want to know of a certificate; its names may contain any text."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    fingerprint: str
    self_signed: bool


def make_authority(directory: Path, name: str, now: datetime) -> x509.Certificate:
    """Make an authority called `name` in `directory`.

    CertificateError if there is one already, or it cannot be made.
    """
    name = name.strip()
    if not (name and is_readable(name) and len(name.encode()) <= LONGEST_NAME):
        raise CertificateError(
            N_("the name of an authority has 1 to {most} letters on one line; those with accents count twice"),
            most=LONGEST_NAME,
        )
    try:
        make_folder(directory)
        for there in (directory / KEY, directory / CERTIFICATE):
            if os.path.lexists(there):
                raise CertificateError(
                    N_("{file} is there already: another authority would be trusted by nobody; move it away first"),
                    file=there,
                )
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _authority_certificate(key, name, now)
        _write_both(directory, _pem(key), certificate.public_bytes(Encoding.PEM))
    except OSError as error:
        raise CertificateError(N_("{file}: {why}."), file=error.filename or directory, why=in_words(error)) from error
    return certificate


def _authority_certificate(key: ec.EllipticCurvePrivateKey, name: str, now: datetime) -> x509.Certificate:
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, name), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )
    start = now - EARLIER
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def load_authority(directory: Path) -> Authority:
    """Return the authority in `directory`; CertificateError if there is none, or it cannot be used."""
    file = directory / CERTIFICATE
    try:
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        certified = certificate.public_key()
        file = directory / KEY
        key = load_pem_private_key(file.read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError
    except FileNotFoundError:
        raise CertificateError(
            N_("{file} is not there: `classcord cert ca` makes an authority, --directory says where it is"), file=file
        ) from None
    except OSError as error:
        raise CertificateError(N_("{file}: {why}."), file=file, why=in_words(error)) from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateError(N_("{file}: this is not what `classcord cert ca` has made"), file=file) from None
    if key.public_key() != certified:
        raise CertificateError(
            N_("{file}: this certificate is not for the key in {key}."), file=directory / CERTIFICATE, key=KEY
        )
    return Authority(certificate, key)


def issue(authority: Authority, names: Sequence[str], now: datetime) -> Issued:
    """Return a new server's key and certificate for these host names and addresses.

    It is valid for SERVER_DAYS, but no longer than the authority. CertificateError if a name is invalid, or if the
    authority is not valid now.
    """
    subjects = list(dict.fromkeys(_subject(name) for name in names))
    issuer = authority.certificate
    if not issuer.not_valid_before_utc <= now < issuer.not_valid_after_utc:
        raise CertificateError(
            N_("the authority is valid from {start} to {end} only: make another one, or set the clock"),
            start=f"{issuer.not_valid_before_utc:%Y-%m-%d}",
            end=f"{issuer.not_valid_after_utc:%Y-%m-%d}",
        )
    start = max(now - EARLIER, issuer.not_valid_before_utc)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(subjects[0].value)[:LONGEST_NAME])]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(min(start + SERVER_DAYS, issuer.not_valid_after_utc))
        .add_extension(x509.SubjectAlternativeName(subjects), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    chain = certificate.public_bytes(Encoding.PEM) + issuer.public_bytes(Encoding.PEM)
    return Issued(_pem(key), chain, certificate)


def _subject(name: str) -> x509.GeneralName:
    """Return a name in the form of a certificate; an address with a typing error is not accepted as a host name."""
    subject = general_name(name.removesuffix("."))
    if subject is None or (isinstance(subject, x509.DNSName) and subject.value.rpartition(".")[2].isdecimal()):
        raise CertificateError(N_("“{name}” is neither a host name nor an address"), name=name)
    return subject


def _usage(*usages: str) -> x509.KeyUsage:
    known = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{usage: usage in usages for usage in known})


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_both(directory: Path, key: bytes, certificate: bytes) -> None:
    """Write both files, or none: an incomplete authority would prevent a new one."""
    with ExitStack() as undo:
        for name, content in ((KEY, key), (CERTIFICATE, certificate)):
            with created(directory / name) as out:  # 0600
                undo.callback((directory / name).unlink)
                out.write(content)
                keep(out)
        with suppress(PermissionError):  # a USB stick with FAT has no permissions
            (directory / CERTIFICATE).chmod(0o644)
        keep_names(directory)
        undo.pop_all()


# -- what exists --------------------------------------------------------------------------------------------------


def is_made_by(certificate: x509.Certificate, authority: x509.Certificate | None) -> bool:
    """Whether ClassCord made a certificate: this authority signed it, or the server made it at its first start."""
    return is_self_made(certificate) or (authority is not None and _is_signed_by(certificate, authority))


def shown(certificate: x509.Certificate) -> CertificateDetails:
    """Return what people want to know of a certificate."""
    return CertificateDetails(
        subject=_called(certificate.subject),
        issuer=_called(certificate.issuer),
        names=_names(certificate),
        valid_from=certificate.not_valid_before_utc,
        valid_until=certificate.not_valid_after_utc,
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        self_signed=_is_signed_by(certificate, certificate),
    )


def _is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _called(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        subjects = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    return tuple(str(subject.value) for subject in subjects if isinstance(subject, (x509.DNSName, x509.IPAddress)))
