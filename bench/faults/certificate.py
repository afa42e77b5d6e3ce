"""The certificate is replaced by garbage while clients come by TLS; then by a good one."""

from __future__ import annotations

import signal
import ssl
from datetime import datetime, timezone
from pathlib import Path

from bench.faults.outcome import Outcome, wrong
from classcord.services.tls.certificates import make_self_signed
from tests.server import Server

ALERT = "The new TLS certificate cannot be used"
LOADED, REFUSED = "TLS certificate loaded", "TLS certificate cannot be used, the old one stays"


def certificate(folder: Path) -> Outcome:
    """Whatever the files are, the old certificate is shown, and who looks after the server is told; then a good one."""
    with Server(folder, "--verbose") as server:
        files = server.data / "tls" / "cert.pem", server.data / "tls" / "key.pem"
        good = files[0].read_bytes(), files[1].read_bytes()
        other = _pair(folder / "other")
        before = _shown(server)
        broken = {
            "nothing": (b"", b""),
            "no PEM": (b"\0\xff" * 5_000, b"\0\xff" * 5_000),
            "half a certificate": (good[0][: len(good[0]) // 2], good[1]),
            "the key of another": (good[0], other[1]),
        }
        kept = [name for name, pair in broken.items() if _shown_after(server, files, pair, REFUSED) == before]
        if not any(ALERT in line for line in server.output):  # once however often it fails, sooner or later
            server.wait_for(ALERT)
        after = _shown_after(server, files, other, LOADED)
        server.wait_for("The new TLS certificate is in use")
        logged = server.logged()
        status = server.stop()
    return Outcome(
        {
            "broken certificates": len(broken),
            "after which the old one is shown": len(kept),
            "alerts": logged.count(ALERT),
        },
        wrong(
            the_old_one_is_not_shown=len(kept) < len(broken),
            it_was_not_told_once=logged.count(ALERT) != 1,
            a_good_one_was_not_taken_up=after == before,
            a_traceback_is_in_the_log="Traceback" in logged,
            the_stop_was_not_clean=status != 0,
        ),
    )


def _pair(folder: Path) -> tuple[bytes, bytes]:
    """Return another certificate and its key."""
    make_self_signed(folder, datetime.now(timezone.utc))
    return (folder / "cert.pem").read_bytes(), (folder / "key.pem").read_bytes()


def _shown(server: Server) -> bytes | None:
    """Return the certificate that a client is shown now."""
    with server.client("tls") as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        return client.socket.getpeercert(binary_form=True)


def _shown_after(server: Server, files: tuple[Path, Path], pair: tuple[bytes, bytes], said: str) -> bytes | None:
    """Replace certificate and key, as an administrator does; return what is shown then."""
    for file, content in zip(files, pair, strict=True):
        file.write_bytes(content)
    server.send_signal(signal.SIGHUP)
    server.wait_for(said)
    return _shown(server)
