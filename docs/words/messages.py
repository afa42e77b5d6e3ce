"""The words of messages: written, changed, found, and what people add to them."""

from __future__ import annotations

FIELDS = {
    "content": "texte du message",
    "client_id": "nom du message chez le client, texte de 1 à 64 caractères ou nombre entier : renvoyé avec le même, "
    "le message n'est gardé qu'une fois",
    "subtype": "`global`, `channel` ou `private`",
    "to": "destinataire : une personne, un `#salon`, ou `global`",
    "reply_to": "numéro du message auquel celui-ci répond",
    "file of Said": "fichier : `name`, `type` et `size` (octets) ; `url`, son chemin à l'adresse de la page web, et "
    "`link`, l'adresse entière si le serveur la connaît ; `width` et `height` d'une image",
    "role of Said": "rôle que l'auteur a maintenant ; absent si son compte est supprimé",
    "edited_at": "date et heure UTC de la dernière modification",
    "deleted": "vrai si le message est supprimé : son texte est alors vide",
    "deleted_at": "date et heure UTC de la suppression",
    "message_id of Edit": "numéro d'un message que l'on a écrit",
    "message_id of Delete": "numéro du message",
    "message_id of Edited": "numéro du message",
    "message_id of Deleted": "numéro du message",
    "message_id of EditStored": "numéro du message",
    "message_id of DeletionStored": "numéro du message",
    "content of Edit": "nouveau texte",
    "content of Edited": "nouveau texte",
    "from of Edited": "auteur",
    "from of Deleted": "qui l'a supprimé : l'auteur, ou un modérateur",
    "user of Edited": "l'autre personne d'une conversation privée, au lieu d'un salon",
    "user of Deleted": "l'autre personne d'une conversation privée, au lieu d'un salon",
    "channel of Edited": "nom du salon",
    "channel of Deleted": "nom du salon",
    "to of Edited": "destinataire d'un message privé",
    "channel of Said": "nom du salon ; `null` pour un message privé",
    "channel of HistoryRead": "salon qui est lu",
    "from": "nom souhaité par un invité à son premier message ; ignoré ensuite",
    "from of Said": "auteur",
    "reactions": "réactions : pour chaque emoji, les premiers noms, 10 au plus, et 50 au plus pour tous les emoji",
    "reaction_counts": "nombre de personnes, pour les emoji dont tous les noms ne sont pas donnés",
    "message_id of React": "numéro du message",
    "message_id of Reaction": "numéro du message",
    "emoji": "un seul emoji",
    "on": "`false` pour retirer",
    "on of Pinned": "`false` : le message n'est plus épinglé",
    "message_id of Pin": "numéro du message",
    "message_id of Pinned": "numéro du message",
    "channel of Pins": "nom du salon ; sans lui ni personne, `#général`",
    "channel of Pinned": "nom du salon ; absent d'une conversation privée",
    "channel of PinsListed": "salon qui est lu",
    "from of Pinned": "qui épingle",
    "user of Pins": "l'autre personne d'une conversation privée",
    "user of Pinned": "l'autre personne de la conversation privée, vue de qui reçoit l'événement",
    "user of PinsListed": "l'autre personne de la conversation lue",
    "more of PinsListed": "vrai s'il y a des messages épinglés plus anciens, qui n'ont pas tenu dans la réponse",
    "on of Reaction": "`false` : la réaction est retirée",
    "channel of Reaction": "nom du salon ; absent d'une conversation privée",
    "from of Reaction": "qui réagit",
    "user of Reaction": "l'autre personne de la conversation privée, vue de qui reçoit l'événement",
    "mentions": "comptes que le texte nomme par `@nom`",
    "user of History": "l'autre personne d'une conversation privée",
    "other of History": "seconde personne d'une conversation : ne sert qu'à la console d'administration",
    "reason of History": "raison de lire une conversation d'autrui : ne sert qu'à la console d'administration",
    "user of HistoryRead": "l'autre personne de la conversation lue",
    "before": "seulement les messages plus anciens que ce numéro",
    "after": "seulement les messages plus récents que ce numéro ; `0` est le début",
    "limit": "nombre de messages, 200 au plus",
    "query": "les mots à chercher",
    "channel of SearchMessages": "seulement dans ce salon",
    "user of SearchMessages": "seulement dans la conversation privée avec cette personne",
    "from of SearchMessages": "seulement les messages de cet auteur",
    "after of SearchMessages": "seulement les messages plus récents que ce numéro",
    "since of SearchMessages": "seulement à partir de ce jour (`2026-11-20`) ou de ce moment (`2026-11-20T08:30:00Z`)",
    "until of SearchMessages": "seulement jusqu'à ce jour compris, ou avant ce moment",
    "order": "`best` : les meilleurs d'abord ; `newest` : les plus récents d'abord",
    "page": "le `next` de la réponse précédente",
    "messages of MessagesFound": "messages trouvés, dans l'ordre demandé",
    "more of MessagesFound": "vrai s'il y en a peut-être d'autres",
    "next of MessagesFound": "à donner comme `page` pour avoir la suite ; absent s'il n'y en a pas",
    "messages": "messages, du plus ancien au plus récent",
    "around": "les messages autour de ce numéro, et celui-là",
    "more_before": "seulement avec `around` : vrai s'il y en a de plus anciens",
    "more_after": "seulement avec `around` : vrai s'il y en a de plus récents",
    "more": "vrai si l'historique continue dans le sens de la lecture",
    "pinned": "vrai si le message est épinglé",
    "conversation of HistoryRead": "clé de la conversation lue, si elle a été demandée ainsi",
}

EVENT_WORDS = {
    "message": "quelqu'un a écrit",
    "edited": "un message a été modifié",
    "deleted": "un message a été supprimé",
    "pinned": "un message est épinglé, ou ne l'est plus",
    "reaction": "quelqu'un réagit à un message, ou retire sa réaction",
}

NOTES = {
    "message": "Un message qui porte `client_id` peut être renvoyé sans crainte, quand la connexion s'est coupée avant "
    "`ack` : par une autre session du même compte aussi, et après un redémarrage du serveur. Il n'est gardé et "
    "distribué qu'une fois, et l'`ack` est le même. Un `client_id` vaut 7 jours, pour un compte ; pour un invité, dans "
    "sa session. Le même pour un autre texte ou un autre destinataire est refusé (`conflict`) : donnez à chaque "
    "message le sien, par exemple un UUID. Le champ ne sert que dans le dialecte moderne. "
    "Dans le dialecte classique, un message n'a pas de réponse, et un message de salon arrive sans "
    '`message_id`, avec `"subtype":"global","to":"global","channel":"#dev"` ; dans le moderne, avec `message_id` et '
    '`"subtype":"channel","to":"#dev","channel":"#dev"`. Écrire dans un salon ouvert à tous y fait entrer, invités '
    "compris s'il les admet : l'auteur en est alors membre, comme après `join`. `reply_to` est le numéro d'un message "
    "du même salon ou de la même conversation, que l'auteur peut lire ; sinon `not_found`. Un client classique lit le "
    "texte seul. `@nom` mentionne un compte qui peut lire le message, présent ou non : `mentions` les énumère, 20 au "
    "plus, sans l'auteur. Un nom est pris aussi long que possible (`@Jean Paul`), sans égard à la casse. Une adresse "
    "(`eve@example.org`) n'est pas une mention, un invité n'est pas mentionné, et rien ne mentionne tout le monde. "
    "Un message privé à un compte compte comme remis quand la machine du destinataire l'a acquitté (TCP) : si la "
    "liaison meurt avant, il est remis à la prochaine connexion de ce compte, et l'auteur l'apprend par une phrase du "
    "serveur. Rien ne se perd ainsi, mais un message peut arriver deux fois, quand la liaison ou le serveur meurt "
    "juste avant l'acquittement : reconnaissez-le à son `message_id`.",
    "edit": "Un message de soi, dans un salon ou à une personne, là où l'on pourrait encore l'écrire ; un invité, tant "
    "qu'il est là. L'heure de la modification est montrée, et ce que le message disait avant est gardé pour les "
    "modérateurs. 50 modifications d'un message au plus. Le même texte est refusé par `conflict`, un message supprimé "
    "aussi. Qui est mentionné par le nouveau texte seulement le trouve parmi ses mentions non lues, même s'il avait lu "
    "le message. Un client classique reçoit le nouveau texte comme un message de l'auteur, qui commence par "
    "`(modifié)`.",
    "delete": "Un message de soi, sauf dans un salon fermé ; un modérateur supprime aussi, dans les salons qu'il lit, "
    "les messages de qui a un rôle inférieur. Le message reste à sa place dans l'historique, avec `deleted` et sans "
    "texte ; ce qu'il disait est gardé pour les modérateurs. Un message privé supprimé avant d'être remis ne l'est "
    "plus. Une seconde suppression est refusée par `conflict`. Un client classique n'en reçoit rien.",
    "history": "Une `limit` au-dessus de 200 vaut 200 ; au-dessous de 1, elle est refusée. `before`, `after` et "
    "`around` s'excluent. `after: 0` commence au début. Une page `around` a ce message au milieu, s'il existe encore, "
    "avec la moitié des autres avant et la moitié après ; s'il n'y a pas assez de plus anciens, il y a d'autant plus "
    "de suivants. "
    "Un message est ce qu'il est dans l'événement `message`. Lit un salon qui en est membre : un compte "
    "pour de bon, un invité tant qu'il y est (`#général`, et les salons ouverts aux invités où il est entré). "
    "Un invité ne lit pas de conversation privée : son nom peut être demain celui d'un autre. `conversation` nomme "
    "celle d'un compte supprimé, ou d'un invité dont le nom est depuis celui d'un compte.",
    "search": "Un message est trouvé s'il contient tous les mots, accents et majuscules mis à part : `empecher` trouve "
    "« empêcher », `oeuvre` trouve « œuvre ». Des mots entre guillemets se suivent ; `empech*` veut dire « qui "
    "commence par », à partir de trois lettres. Rien d'autre n'a de sens particulier : tout texte est permis ; "
    "comptent les 16 premiers mots des 1 000 premiers caractères. On ne trouve que ce que l'on peut lire à ce "
    "moment : ses salons, et ses conversations privées ; un message modifié est trouvé par son texte actuel, un "
    "message supprimé ne l'est plus. Un message est trouvé dès qu'il est acquitté. Dans l'ordre `best`, les 500 "
    "trouvés les plus récents sont classés entre eux (le mot revient, les autres mots sont peu nombreux, les mots "
    "sont dans l'ordre), puis les 500 d'avant. Pour la page suivante, renvoyez la même demande avec `page` ; une "
    "page peut avoir moins de messages que `limit` sans être la dernière. Un jour seul est compté en UTC. 30 "
    "recherches par minute et par personne, au-delà `rate_limited` ; une recherche de plus de deux secondes est "
    "refusée (`busy`). Un administrateur y trouve ce qui s'est dit dans les salons qu'il voit, jamais une "
    "conversation privée.",
    "react": "Réagit à un message qui peut le lire et peut écrire là où il est ; sinon `not_found`, `muted`, "
    "`read_only`, `channel_closed`… `emoji` est un seul emoji d'Unicode, avec teinte, drapeau ou assemblage, "
    "et rien d'autre. Un message a 20 emoji différents au plus, 5 d'une même personne ; un invité n'en ajoute plus "
    "d'autres quand il y en a 10. Réagir deux fois, ou retirer ce qui n'y est pas, est acquitté, et n'est dit à "
    "personne. Un invité réagit sous son nom ; quand il est parti, lui seul peut retirer sa réaction, s'il reprend sa "
    "session (`resume`). Les réactions d'un compte supprimé disparaissent. Un client classique n'en entend rien.",
    "pin": "Dans un salon : qui peut en changer le sujet ; dans une conversation privée : les deux personnes. 50 "
    "messages épinglés au plus dans chacun. Épingler deux fois, ou retirer ce qui n'est pas épinglé, est "
    "acquitté, et n'est dit à personne. Un message supprimé n'est plus épinglé. Un client classique n'en "
    "entend rien.",
    "pins": "Les messages sont dans l'ordre de l'historique, tels que `history` les donne.",
}
