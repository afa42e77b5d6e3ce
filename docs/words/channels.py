"""The words of channels: made, joined, described, and whom they wait for."""

from __future__ import annotations

FIELDS = {
    "channel of Create": "nom du nouveau salon",
    "channel of Join": "nom du salon",
    "channel of JoinChannel": "nom du salon",
    "channel of Leave": "nom du salon",
    "channel of Topic": "nom du salon",
    "channel of Joined": "nom du salon",
    "channel of JoinRequestChanged": "nom du salon",
    "user of JoinRequestChanged": "qui demande à entrer",
    "state of JoinRequestChanged": "`pending` : la demande attend ; `accepted`, `rejected`, `withdrawn` (reprise), "
    "`expired` (restée sans réponse), `over` (le compte ou le salon est supprimé) : elle n'attend plus",
    "until of JoinRequestChanged": "jusqu'à quand elle attend",
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
    "channel of SetChannel": "nom du salon",
    "name of SetChannel": "nouveau nom",
    "read_only": "vrai : seuls les modérateurs y écrivent",
    "guests": "faux : les invités n'y entrent pas, et n'y écrivent pas",
    "slow": "secondes entre deux messages d'une même personne ; 0 : aucune pause",
    "hold": "vrai : un modérateur lit chaque message avant qu'il soit remis",
    "archived": "vrai : le salon est fermé, on peut seulement le lire",
    "closed": "vrai si le salon est fermé",
    "channel of ChannelSettingsTold": "nom du salon",
    "channel of ChannelChanged": "nom du salon, maintenant",
    "was": "nom du salon avant",
    "changed": "champs qui ont changé, `name` pour le nom",
    "user of ChannelChanged": "qui l'a changé",
    "guests of a channel": "faux si les invités n'y entrent pas",
    "slow of a channel": "secondes entre deux messages d'une même personne ; 0 : aucune pause",
    "lesson of a channel": "le cours ou le contrôle qui y est tenu : celui du salon, ou celui de tous ; sinon `null`",
    "hold of a channel": "vrai si un modérateur lit chaque message avant qu'il soit remis",
    "moderates of a channel": "vrai si l'on est modérateur de ce salon",
    "user of ChannelModerator": "le membre",
    "channel of ChannelModerator": "nom du salon",
    "on of ChannelModerator": "`false` : ne l'est plus",
    "user of ModeratorChanged": "le membre",
    "channel of ModeratorChanged": "nom du salon",
    "on of ModeratorChanged": "vrai s'il est maintenant modérateur du salon",
    "by of ModeratorChanged": "qui l'a décidé",
    "moderators": "noms des modérateurs de ce salon",
    "reason of Held": "pourquoi on lit les messages privés que la liste de mots retient ; le journal d'audit le garde",
    "words of a held message": "le mot ou l'expression de la liste pour lequel il attend ; `content` et `words` d'un "
    "message privé d'autrui sont vides sans `reason`",
    "words of HeldBack": "le mot ou l'expression de la liste pour lequel il attend ; absent sinon",
    "channel of Held": "seulement les messages de ce salon",
    "held_id of Approve": "numéro du message qui attend",
    "held_id of RefuseHeld": "numéro du message qui attend",
    "held_id of Waiting": "numéro sous lequel il attend",
    "status of Waiting": "le message est gardé, mais attend",
    "why of Waiting": "`hold` (le salon fait approuver ses messages), `words` (un mot de la liste), `quiet_hours`",
    "until of Waiting": "quand il sera remis, si cela ne dépend de personne",
    "timestamp of Waiting": "quand il a été écrit",
    "content of Waiting": "la même chose en une phrase",
    "messages of HeldListed": "messages qui attendent, du plus ancien au plus récent",
    "held_id of a held message": "numéro sous lequel il attend",
    "at of a held message": "date et heure UTC où il a été écrit",
    "channel of a held message": "nom du salon ; `null` pour un message privé",
    "to of a held message": "destinataire d'un message privé",
    "user of a held message": "auteur",
    "content of a held message": "texte",
    "why of a held message": "`hold`, `words` ou `quiet_hours`",
    "until of a held message": "quand il sera remis de lui-même ; `null` s'il attend quelqu'un",
    "file of a held message": "fichier qu'il porte",
    "held_id of HeldBack": "numéro sous lequel il attend",
    "channel of HeldBack": "nom du salon",
    "from of HeldBack": "auteur",
    "content of HeldBack": "texte",
    "why of HeldBack": "`hold` ou `words`",
    "file of HeldBack": "fichier qu'il porte",
    "held_id of HeldDecided": "numéro sous lequel il attendait",
    "outcome": "`delivered` (il a maintenant le numéro `message_id`), `waits` (approuvé, il attend autre chose), "
    "`refused`, `expired` (personne n'a répondu) ou `undeliverable` (son auteur ne peut plus y écrire)",
    "why of HeldDecided": "pourquoi il attendait, ou pourquoi il attend encore",
    "channel of HeldDecided": "nom du salon ; absent d'un message privé",
    "user of HeldDecided": "destinataire d'un message privé",
    "message_id of HeldDecided": "numéro du message remis",
    "until of HeldDecided": "quand il sera remis, s'il attend encore",
    "reason of HeldDecided": "raison d'un refus",
    "content of HeldDecided": "texte du message, s'il n'est pas remis",
    "held_id of HeldGone": "numéro sous lequel il attendait",
    "channel of HeldGone": "nom du salon",
    "until of a request": "date et heure UTC après laquelle elle est périmée",
}

EVENT_WORDS = {
    "message_held": "un message attend qu'on l'approuve",
    "held_decided": "ce que devient un message qui attendait, pour son auteur",
    "held_gone": "un message n'attend plus, pour qui aurait pu l'approuver",
    "join_request": "pour qui peut y répondre : quelqu'un demande à entrer dans un salon, ou ne le demande plus",
    "joined": "quelqu'un est entré dans un salon",
    "left": "quelqu'un a quitté un salon",
    "topic": "le sujet d'un salon a changé",
    "channel_changed": "les réglages d'un salon ont changé, ou son nom",
    "moderator_changed": "un membre est modérateur d'un salon, ou ne l'est plus",
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
    "channel_settings": "Sans autre champ que `channel`, les réglages sont lus. Qui modère, et les modérateurs du "
    "salon, changent `read_only`, `guests`, `slow` et `hold` ; fermer, rouvrir et renommer sont aux administrateurs. "
    "Un salon d'un rôle et un salon des réglages (`[channels]`) gardent leur nom. Renommé, un salon garde ses "
    "membres, ses messages et ce que chacun en a lu ; l'ancien nom est libre. Ce qui vient trop tôt après le message "
    "d'avant est refusé (`rate_limited`, avec `retry_after`).",
    "channel_moderator": "Un modérateur d'un salon y a, et là seulement, ces droits : y tenir un cours (pas un "
    "contrôle, ni rien changer à ce que tient qui modère le serveur), traiter les signalements, répondre aux demandes, "
    "inviter, approuver ou refuser les messages qui attendent, supprimer ceux des membres et des invités, écrire "
    "dans un salon en lecture seule, et changer sujet, description et réglages. Il ne peut rien contre les "
    "modérateurs du serveur. Qui quitte le salon ne l'est plus.",
    "held": "Chacun y trouve ses propres messages ; qui peut approuver dans un salon y trouve ceux de ce salon. "
    "Personne d'autre ne voit un message privé qui attend.",
    "approve": "Le message est alors un message ordinaire, de son auteur, avec un nouveau numéro. Si son auteur ne "
    "peut plus écrire là (muet, banni, parti du salon), il n'est pas remis, et les deux l'apprennent.",
    "refuse": "L'auteur entend `held_decided` avec la raison, au besoin à sa prochaine connexion. Refuser le sien, "
    "c'est le reprendre.",
    "close": "Un salon fermé peut encore être lu ; y écrire est refusé (`channel_closed`).",
}
