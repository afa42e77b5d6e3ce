"""What the server tells people about their data: a page of its own, with what holds now. Knows no settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from twisted.web.resource import Resource


class DataNotice(Resource):
    """The notice in one language."""

    isLeaf = True  # noqa: N815

    def __init__(self, template: str, facts: Callable[[], Mapping[str, str]]) -> None:
        """`facts` are written in the place of `{name}` in the template, as text."""
        super().__init__()  # type: ignore[no-untyped-call]
        self._template = template
        self._facts = facts

    def render_GET(self, request: Any) -> bytes:
        page = self._template
        for name, words in self._facts().items():
            page = page.replace(f"{{{name}}}", escape(words))
        request.setHeader(b"Content-Type", b"text/html; charset=utf-8")
        request.setHeader(b"Cache-Control", b"no-cache")
        return page.encode()
