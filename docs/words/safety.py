"""The words of what a school decides: who may write to whom, and when."""

from __future__ import annotations

FIELDS = {
    "policy": "`all` (tous à tous), `members` (les invités seulement avec qui encadre), `staff` (seulement avec qui "
    "encadre), ou les paires ouvertes : `guest>member,member>member`",
    "policy of PrivatePolicy": "de même ; `settings` : celle des réglages compte de nouveau ; absent : lire celle qui "
    "est en vigueur",
    "by_settings": "vrai si c'est celle des réglages",
    "meaning": "ce qu'elle veut dire, en une phrase",
    "roles of PrivatePolicyTold": "pour chaque rôle, ceux à qui il peut écrire",
    "roles of PrivatePolicyChanged": "pour chaque rôle, la liste de ceux à qui il peut écrire",
    "user of PrivatePolicyChanged": "qui l'a changée",
    "role of a role": "qui écrit",
    "may_write_to of a role": "les rôles à qui il peut écrire en privé",
}

EVENT_WORDS = {
    "private_policy": "qui écrit à qui en privé a changé",
}

NOTES = {
    "private_policy": "Chacun peut la lire ; la change qui a au moins le rôle `admin`. Qui encadre (à partir de "
    "`moderator`) écrit toujours à tous, et tous lui écrivent. Elle vaut pour tout ce qui va d'une personne à une "
    "autre : messages, commandes comme `/mp`, fichiers, réponses, réactions, épingles, modifications, `typing`, et "
    "l'invitation dans un salon privé. Ce qui est fermé est refusé par `private_closed`, dont la phrase dit à qui "
    "l'on peut écrire. Ce qui était accepté avant arrive encore, et se relit toujours.",
}
