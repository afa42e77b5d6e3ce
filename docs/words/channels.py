"""The words of channels: made, joined, described, and whom they wait for."""

from __future__ import annotations

FIELDS = {
    "channel of Create": "nom du nouveau salon",
    "channel of Join": "nom du salon",
    "channel of JoinChannel": "nom du salon",
    "channel of Leave": "nom du salon",
    "channel of Topic": "nom du salon",
    "channel of Joined": "nom du salon",
    "channel of Left": "nom du salon",
    "channel of TopicChanged": "nom du salon",
    "channel of ChannelEntered": "nom du salon",
    "channel of Withdraw": "nom du salon",
    "channel of Accept": "nom du salon",
    "channel of Reject": "nom du salon",
    "channel of CloseChannel": "nom du salon",
    "channel of Reopen": "nom du salon",
    "channel of Requests": "seulement les demandes pour ce salon",
    "channel of TopicTold": "nom du salon",
    "channel of MembersListed": "nom du salon",
    "kind": "`open` (qui veut) ou `private` (sur invitation, non listé) ; les modérateurs font aussi des salons "
    "`approval` (chaque entrée est demandée, puis acceptée ou non)",
    "kind of ChannelEntered": "sorte de salon",
    "topic": "sujet",
    "topic of Topic": "nouveau sujet ; sans lui, le sujet est seulement lu",
    "description": "description, en plusieurs lignes au besoin",
    "description of Description": "nouvelle description ; sans elle, elle est seulement lue",
    "channel of Description": "nom du salon ; sans lui, `#général`",
    "channel of DescriptionChanged": "nom du salon",
    "channel of DescriptionTold": "nom du salon",
    "channel of Invite": "nom du salon",
    "channel of InvitedTo": "nom du salon, dont on est maintenant membre",
    "kind of InvitedTo": "sorte de salon",
    "user of InvitedTo": "qui a invité",
    "user of Invite": "le compte invité",
    "status of ChannelEntered": "`ok` ; `pending` : la demande attend un modérateur",
    "channels": "salons visibles",
    "members": "noms des membres",
    "roles": "rôles par nom, de qui n'est pas simple membre (`member`) du serveur",
    "online": "ceux qui sont présents",
    "states": "états par nom, de qui est présent mais pas `online`",
    "name of a channel": "nom du salon",
    "kind of a channel": "`default`, `open`, `approval` ou `private`",
    "topic of a channel": "sujet",
    "members of a channel": "nombre de membres",
    "member of a channel": "vrai si l'on en est membre",
    "read_only of a channel": "vrai si seuls les modérateurs y écrivent",
    "closed of a channel": "vrai si l'on peut seulement le lire, jusqu'à ce qu'il soit rouvert",
    "requests": "demandes qui attendent, de la plus ancienne à la plus récente",
    "user of a request": "qui demande",
    "channel of a request": "nom du salon",
    "since of a request": "date et heure UTC de la demande",
    "until of a request": "date et heure UTC après laquelle elle est périmée",
}

EVENT_WORDS = {
    "joined": "quelqu'un est entré dans un salon",
    "left": "quelqu'un a quitté un salon",
    "topic": "le sujet d'un salon a changé",
    "channel_deleted": "un salon n'existe plus",
    "description": "la description d'un salon a changé",
    "invited": "quelqu'un vous a fait membre d'un salon",
}

NOTES = {
    "members": "Un invité qui est dans le salon en est membre, tant qu'il y est. "
    "Demandée sous le nom `who`, la réponse a aussi `users` : la même liste que `online`.",
    "join": "Un salon de sorte `approval` répond `pending`. Ce que décide un modérateur arrive en événement `system`, "
    "au besoin à la prochaine connexion ; une demande sans réponse est périmée après 14 jours (réglage `[channels] "
    "request_days`).",
    "invite": "Dans un salon `open`, tout membre qui a un compte invite ; dans un salon `private`, qui l'a fait, et "
    "les "
    "modérateurs qui y sont ; dans un salon `approval`, ceux-ci seulement. La personne est membre aussitôt, entend "
    "`invited`, et peut partir : qui est parti deux fois n'est plus invité ce jour-là. Absente, elle trouve le salon "
    "dans `conversations`. Un invité sans compte n'est pas invité.",
    "description": "Deux mille caractères au plus. La change qui peut changer le sujet.",
    "create": "Un membre fait 20 salons au plus ; d'une adresse, il y en a 200 au plus (réglage `[limits] "
    "channels_per_address`, la moitié du tout pour une adresse que beaucoup partagent), et 1 000 en tout. Un salon "
    "fermé ne compte plus, un salon vide ne compte pas dans le tout. Qui modère n'a pas de limite. "
    "Un nom réservé et celui d'un salon privé que l'on ne voit pas ont la même réponse : il n'est pas disponible.",
    "delete_channel": "Qui a fait un salon peut le supprimer quand personne d'autre n'y est ; les administrateurs "
    "suppriment tous les autres, sauf celui de tous, ceux d'un rôle, et ceux des réglages (`[channels]`). "
    "Il disparaît pour tous, et ses membres en entendent `channel_deleted`. Ses messages restent dans la base : un "
    "export les contient, plus personne ne les lit par le chat. Le nom est libre, et un nouveau salon de ce nom "
    "commence vide.",
    "close": "Un salon fermé peut encore être lu ; y écrire est refusé (`channel_closed`).",
}
