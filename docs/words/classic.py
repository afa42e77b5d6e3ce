"""The words of the classic dialect: the fields of its messages."""

from __future__ import annotations

FIELDS = {
    "type of ClassicMessage": "`message` ; `private` ou `system` pour un client qui a envoyé `private` ou `who`",
    "subtype of ClassicMessage": "`global`, `private`, ou `system` si le serveur parle",
    "to of ClassicMessage": "`global`, ou son propre nom dans un message privé",
    "from of ClassicMessage": "auteur ; `Serveur` si le serveur parle",
    "timestamp of ClassicMessage": "date et heure du serveur, avec leur décalage : `2026-11-28T21:19:02.777+01:00`",
    "channel of ClassicMessage": "nom du salon ; absent dans `#général`",
    "code of ClassicMessage": "si la phrase dit un refus : son code",
}
