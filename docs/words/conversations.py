"""The words of conversations: which one has, and how far they are read."""

from __future__ import annotations

FIELDS = {
    "conversations": "conversations, celle du message le plus récent d'abord",
    "more of ConversationsListed": "vrai s'il y en a d'autres, plus anciennes",
    "before of Conversations": "seulement les conversations dont le dernier message est plus ancien que ce numéro",
    "next": "s'il y en a d'autres : le `before` qui les demande",
    "limit of Conversations": "nombre de conversations, 100 au plus",
    "conversation of MarkerTold": "clé de la conversation privée",
    "conversation of MarkerMoved": "clé de la conversation privée",
    "conversation of Hidden": "clé de la conversation privée",
    "message_id of MarkRead": "le dernier message lu ; au-delà du dernier de la conversation, celui-ci",
    "message_id of MarkerTold": "le dernier message lu, plus loin que demandé si une autre session a lu davantage",
    "message_id of MarkerMoved": "le dernier message lu",
    "channel of MarkRead": "nom du salon ; sans lui ni `user`, `#général`",
    "channel of MarkerTold": "nom du salon",
    "channel of MarkerMoved": "nom du salon",
    "user of MarkRead": "l'autre personne d'une conversation privée, au lieu d'un salon",
    "user of MarkerTold": "l'autre personne de la conversation privée",
    "user of MarkerMoved": "l'autre personne de la conversation privée",
    "user of Hide": "l'autre personne de la conversation privée",
    "user of Hidden": "l'autre personne de la conversation privée",
    "channel of a conversation": "nom du salon ; absent d'une conversation privée",
    "user of a conversation": "l'autre personne d'une conversation privée ; de qui n'est plus là, le dernier nom connu",
    "conversation of a conversation": "clé d'une conversation privée : deux personnes peuvent avoir eu le même nom, "
    "pas la même clé",
    "kind of a conversation": "sorte de salon, ou `direct` pour une conversation privée",
    "unread of a conversation": "nombre de messages des autres après `last_read` ; `1000` veut dire 1 000 ou plus",
    "mentions of a conversation": "combien d'entre eux nomment la personne, et combien de messages lus qui la "
    "nomment depuis qu'ils ont été modifiés, parmi les 100 dernières fois qu'elle est nommée",
    "last_read of a conversation": "le dernier message lu ; `0` si aucun ne l'est",
    "last_message of a conversation": "le dernier message, comme dans l'événement `message` ; absent s'il n'y en a pas",
    "last_message_id of a conversation": "numéro du dernier message ; `0` s'il n'y en a pas",
    "count of a conversation": "nombre de membres d'un salon",
    "members of a conversation": "leurs noms, s'ils sont 20 au plus",
    "gone of a conversation": "vrai si le compte a été supprimé, ou si l'invité est parti",
}

EVENT_WORDS = {
    "read": "une autre de vos sessions a lu",
    "hidden": "une autre de vos sessions a fermé une conversation privée",
}

NOTES = {
    "conversations": "Chaque salon dont on est membre, et chaque conversation privée de son compte, avec un invité ou "
    "un compte supprimé aussi : le premier message d'un inconnu se trouve là. S'il y a une suite, la réponse a `next`, "
    "le `before` qui la demande ; les salons sans message viennent avec la dernière page. Ses propres messages ne "
    "sont jamais non lus, et qui écrit a lu ce qui précède. Qui entre dans un salon, ou crée son compte, "
    "a lu ce qui s'y est dit avant ; qui quitte un salon et y revient garde sa marque. Un invité n'a que ses salons, "
    "et rien n'y compte comme non lu.",
    "read": "Une marque de lecture appartient au compte, et vaut pour tous ses appareils : les autres sessions "
    "entendent l'événement `read`. Elle ne recule jamais : un numéro plus petit ne change rien, et la réponse dit où "
    "elle est. Rien à envoyer après avoir écrit. Un client l'envoie quand la personne a vu le dernier message, une "
    "fois pour plusieurs messages plutôt que pour chacun. Un invité n'a pas de marques (`not_allowed`).",
    "hide": "La conversation quitte sa propre liste, comptée comme lue, jusqu'à son prochain message, de l'un ou de "
    "l'autre. L'historique reste, l'autre personne n'en sait rien, et ses propres autres sessions entendent `hidden`. "
    "(`close` ferme un salon, c'est autre chose.)",
}
