"""What a value of a setting may be."""

from __future__ import annotations

import pytest

from classcord.settings import load
from tests.settings.refused import loads_plugins, refusal


class TestEndpoint:
    @loads_plugins
    @pytest.mark.parametrize(
        "endpoint",
        [
            "tcp:12345",
            "tcp:port=12345:interface=127.0.0.1",
            "tcp6:12345",
            "tcp:12345:interface=\\:\\:1",
            "unix:/run/classcord/chat:mode=660",
            "systemd:domain=INET6:name=chat",
        ],
    )
    def test_is_what_twisted_listens_on(self, endpoint: str) -> None:
        """Every kind of endpoint that the server is started with is accepted; nothing is opened to find out."""
        assert load(None, [f"listen.chat={endpoint}"]).listen.chat == (endpoint,)

    @loads_plugins
    @pytest.mark.parametrize(
        "endpoint",
        [
            "tcp:abc",
            "tcp:99999",
            "tcp:-1",
            "tcp6:99999",
            "tcp:",
            "tcp",
            "tpc:1",
            ":",
            "systemd:chat",
            "tcp:1:nope=2",
            "haproxy:tcp:99999",
        ],
    )
    def test_is_refused_before_the_start(self, endpoint: str) -> None:
        """An endpoint that nothing could listen on is told by its place in the list."""
        right = 'an endpoint such as "tcp:12345" or "unix:/run/classcord/chat"'
        assert refusal(None, f'listen.tls=["tcp:1", "{endpoint}"]') == (
            f'--set: [listen] tls #2 is "{endpoint}", but must be {right}.'
        )


class TestOrigins:
    @pytest.mark.parametrize(
        "origin", ["https://intranet.example", "http://localhost:3000", "https://[2001:db8::1]", "http://10.0.0.1"]
    )
    def test_is_accepted(self, origin: str) -> None:
        """As a browser writes it."""
        assert load(None, [f"web.origins={origin}"]).web.origins == (origin,)

    @pytest.mark.parametrize(
        "origin", ["*", "null", "intranet.example", "https://Intranet.example", "https://a/", "ftp://a", "https://a:x"]
    )
    def test_is_refused(self, origin: str) -> None:
        """What no browser writes would never be equal to what one says."""
        right = 'the origin of a page such as "https://intranet.school.example", in lower case and without a path'
        assert refusal(None, f"web.origins={origin}") == f'--set: [web] origins #1 is "{origin}", but must be {right}.'
