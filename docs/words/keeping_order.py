"""The words of sanctions, roles and announcements."""

from __future__ import annotations

FIELDS = {
    "role of SetRole": "nouveau rôle, plus bas que celui de qui le donne ; un `owner` les donne tous",
    "code of Notice": "si la phrase dit un refus : son code",
    "kind of Notice": "de quoi parle la phrase, si un client peut le montrer autrement : `arrival`, `departure` (aussi "
    "dits par `status`), `role` (le sien a changé), `warning` (un avertissement, à lire), `announcement`, "
    "`waiting` (combien de demandes attendent qui arrive)",
    "content of Notice": "phrase du serveur, dans la langue de qui la lit",
    "channel of Announce": "nom du salon ; sans lui, tout le monde",
    "duration of Mute": "secondes",
    "duration of Kick": "secondes pendant lesquelles la personne ne peut pas revenir",
    "duration of Ban": "secondes ; sans elle, pour toujours",
    "target of Ban": "une personne, une adresse, ou un réseau tel que `10.0.0.0/24` ; adresses et réseaux : à partir "
    "du rôle `admin`",
    "delete_account": "supprime aussi le compte ; à partir du rôle `admin`",
    "target of Unban": "la personne, l'adresse ou le réseau, comme dans `bans`",
    "content of Announce": "texte de l'annonce",
    "sanctions": "sanctions en vigueur",
    "target": "qui est visé",
    "until": "fin, date et heure UTC ; sans elle, pour toujours",
    "hint": "ce que l'on pourrait vouloir faire en plus",
    "kind of a sanction": "`mute`, `kick`, `ban` ou `warn`",
    "target of a sanction": "une personne, une adresse ou un réseau",
    "by of a sanction": "qui l'a décidée",
    "since of a sanction": "date et heure UTC de son début",
    "until of a sanction": "date et heure UTC de sa fin ; `null` : pour toujours",
    "reason of a sanction": "raison",
}

EVENT_WORDS = {
    "system": "le serveur dit quelque chose",
}

NOTES = {
    "warn": "La personne lit le motif dans toutes ses sessions, ou à sa prochaine connexion. L'avertissement compte un "
    "an parmi ses sanctions (`bans`, `whois`) ; il peut y en avoir plusieurs. `unwarn` lève le dernier.",
    "mute": "Qui est réduit au silence l'apprend, et ne peut écrire qu'aux modérateurs : le reste est refusé "
    "(`muted`), tout ce que d'autres liraient compris : un texte libre de `status`, un sujet, un salon, un autre nom "
    "d'invité, un motif. Les états `online`, `away`, `busy`, `dnd`, `invisible`, `offline`… restent permis.",
    "kick": "La personne lit pourquoi, puis toutes ses connexions sont fermées, celles de la console comprises ; d'ici "
    "la fin, `login` est refusé (`kicked`).",
    "unban": "Permis à qui a au moins le rôle de qui a sanctionné, et un rôle supérieur à celui de la personne ; "
    "jamais à elle-même. De même `unmute`.",
    "ban": "La personne lit pourquoi, puis toutes ses connexions sont fermées ; d'ici la fin, `login` est refusé "
    "(`banned`). On "
    "ne peut viser ni soi-même, ni qui n'est pas au-dessous de soi.",
}
