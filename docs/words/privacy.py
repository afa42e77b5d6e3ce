"""The words of privacy: who is erased, and what becomes of messages."""

from __future__ import annotations

FIELDS = {
    "messages of Erase": "`keep` : ses messages restent, sans le nom ; `empty` : leurs mots et leurs fichiers "
    "partent aussi",
    "messages of DeleteMyAccount": "`keep` : ses messages restent, sans le nom ; `empty` : leurs mots et leurs "
    "fichiers partent aussi",
    "password of DeleteMyAccount": "son mot de passe, en clair : préférez TLS",
    "after of ExportMyData": "le `next` de la page d'avant ; sans lui, la première",
    "after of ExportPerson": "le `next` de la page d'avant ; sans lui, la première",
    "user of ExportPerson": "la personne, qui a un compte",
    "reason of ExportPerson": "pourquoi, gardé dans le journal d'audit",
    "rows of DataTold": "ce qui est gardé, dans l'ordre des sortes",
    "next of DataTold": "`after` de la page suivante ; `null` à la dernière",
    "kind of a thing kept": "la sorte de donnée : voir [RGPD.md](RGPD.md)",
    "at of a thing kept": "date et heure UTC, s'il y en a une",
    "data of a thing kept": "le reste : un objet JSON, dans un texte",
    "user of Erased": "le nom, qui n'est plus celui de personne",
    "shown of Erased": "ce qui le remplace partout, messages compris",
}

EVENT_WORDS = {
    "erased": "quelqu'un a été effacé",
}

NOTES = {
    "delete_my_account": "Le compte et ce qui est gardé sur la personne sont effacés ; la réponse vient encore, puis "
    "toutes ses sessions se ferment. Le dernier `owner` ne peut pas partir. Ce que devient chaque donnée : "
    "[RGPD.md](RGPD.md). L'événement `erased` dit aux clients modernes que ce nom n'est plus celui de personne.",
    "export_my_data": "Une page d'au plus 200 lignes ; on recommence avec `after` jusqu'à ce que `next` soit `null`. "
    "Cinq fois par jour (`rate_limited`). Les messages privés reçus n'y sont pas : ce sont les mots d'un autre, et "
    "`history` les montre.",
    "export_person": "De même pour une personne qui l'a demandé par écrit, lu par un propriétaire ; le journal d'audit "
    "garde chaque page.",
    "erase": "De même pour une autre personne, en dessous de soi. `deluser` laisse au contraire le nom sous les "
    "messages.",
}
