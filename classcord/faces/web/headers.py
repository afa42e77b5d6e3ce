"""The headers of every answer over HTTP: what a browser must not do with it. Knows no request."""

from __future__ import annotations

CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing inline and nothing of another origin; `connect-src 'self'` is also the WebSocket (CSP Level 3, §6.7.2.8)."""

_PERMISSIONS = ("camera", "display-capture", "geolocation", "microphone", "payment", "serial", "usb")

SECURITY = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in _PERMISSIONS),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
