"""How names are written in filters and in DNs, and how DNs are compared. Pure; knows no connection."""

from __future__ import annotations

import re

_IN_FILTER = str.maketrans({each: f"\\{ord(each):02x}" for each in "\\*()\0"})
_PAIR = re.compile(r"\\([0-9a-fA-F]{2}|.)", re.DOTALL)


def in_filter(value: str) -> str:
    """Return a value as it stands in a filter: nothing in it means something there (RFC 4515 §3)."""
    return value.translate(_IN_FILTER)


def in_dn(value: str) -> str:
    """Return a value as it stands in a DN (RFC 4514 §2.4)."""
    escaped = re.sub(r'([\\,+"<>;=])', r"\\\1", value).replace("\0", "\\00")
    if escaped[:1] in ("#", " "):
        escaped = f"\\{escaped}"
    if escaped.endswith(" ") and len(value) > 1:
        escaped = f"{escaped[:-1]}\\ "
    return escaped


def bind_name(template: str, name: str) -> str | None:
    """Return the name by which somebody binds: a DN, or what Active Directory takes (`{name}@school.example`).

    None if such a name cannot have this one in it.
    """
    if "=" in template:
        return template.replace("{name}", in_dn(name))
    return None if re.search(r"[@\\/\s]", name) else template.replace("{name}", name)


def parts(dn: str) -> tuple[tuple[str, str], ...]:
    """Return the attributes and values of a DN, in the form in which they are compared; () if it is none."""
    found = []
    for rdn in re.findall(r"(?:[^\\,;]|\\.)+", dn, re.DOTALL):
        kind, equals, value = rdn.partition("=")
        if not equals:
            return ()
        found.append((kind.strip().casefold(), _compared(value)))
    return tuple(found)


def _compared(value: str) -> str:
    raw = _PAIR.sub(_unescaped, value.encode("utf-8", "surrogatepass").decode("latin-1"))
    return " ".join(raw.encode("latin-1").decode("utf-8", "replace").casefold().split())


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if len(found[1]) == 2 else found[1]


def is_group(wanted: str, dn: str) -> bool:
    """Whether a group is the wanted one: by its whole DN, or by its name alone, which is the first value of the DN."""
    group = parts(dn)
    if not group:
        return False
    return parts(wanted) == group if "=" in wanted else _compared(wanted) == group[0][1]
