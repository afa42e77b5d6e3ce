"""The French words of docs/protocole.md that the code does not have: what each field means, and the page around it."""

from __future__ import annotations

from collections.abc import Mapping

ABOUT = "Une ligne du protocole de ClassCord. Produit par `make docs`."

FIELDS = {
    "type": "nom de la demande ou de l'événement",
    "id": 'repris tel quel dans la réponse, `0` et `""` compris',
    "id of an answer": "celui de la demande, si elle en avait un",
    "type of ClassicMessage": "`message` ; `private` ou `system` pour un client qui a envoyé `private` ou `who`",
    "subtype of ClassicMessage": "`global`, `private`, ou `system` si le serveur parle",
    "to of ClassicMessage": "`global`, ou son propre nom dans un message privé",
    "from of ClassicMessage": "auteur ; `Serveur` si le serveur parle",
    "timestamp of ClassicMessage": "date et heure du serveur, avec leur décalage : `2026-11-28T21:19:02.777+01:00`",
    "channel of ClassicMessage": "nom du salon ; absent dans `#général`",
    "code of ClassicMessage": "si la phrase dit un refus : son code",
    # what is asked
    "protocol": "version du protocole que parle le client : `2`, toute autre est refusée",
    "protocol of Welcome": "version du protocole",
    "client": "nom et version du client",
    "old": "mot de passe actuel",
    "new": "nouveau mot de passe",
    "encoding": "`utf-8`, ou `ascii` : tout autre caractère est alors écrit `\\uXXXX`",
    "lang": "langue des textes : `fr` ou `en`",
    "lang of Hello": "langue souhaitée : `fr` ou `en`, ou une forme de l'une (`fr-CA`)",
    "listens": "faux pour un client qui ne montre rien (un tube, un robot) : les messages privés, gardés ou nouveaux, "
    "attendent alors une connexion où quelqu'un lit",
    "username": "nom du compte",
    "username of Guest": "nom souhaité ; sans nom, `invité`",
    "username of LoggedIn": "nom sous lequel la session est connue",
    "session": "jeton de la session, que `login` ou `guest` a donné",
    "session of LoggedIn": "jeton par lequel `resume` reprend cette session ; absent si le serveur n'en donne pas",
    "session of OwnPasswordChanged": "jeton de la session, si ce changement est celui d'un mot de passe à usage unique",
    "after of Resume": "plus grand `message_id` que le client a reçu, `ack` compris ; sans lui, rien n'est rejoué",
    "after of Gap": "lire l'historique (`history`) après ce numéro",
    "up_to of Gap": "jusqu'à celui-ci ; les messages suivants arrivent d'eux-mêmes",
    "session_id": "numéro de la session à finir",
    "others": "vrai pour finir toutes les sessions, sauf celle qui le demande",
    "sessions": "ses propres sessions, celle qui demande d'abord, puis la plus récemment utilisée",
    "session_id of a session": "numéro",
    "client of a session": "nom du client, comme il l'a dit dans `hello`",
    "address of a session": "adresse d'où elle vient, ou est venue en dernier",
    "since of a session": "date et heure UTC de son début",
    "last_used of a session": "date et heure UTC où elle était là pour la dernière fois",
    "connected of a session": "vrai si elle est connectée",
    "current of a session": "vrai pour celle qui demande",
    "password": "mot de passe, en clair : préférez TLS",
    "alias": "autre nom, unique lui aussi",
    "first_name": "prénom",
    "last_name": "nom de famille",
    "email": "adresse électronique",
    "state": "mot court : `online`, `away`, `dnd`, `busy`, `invisible`, `offline`…",
    "user of Status": "soi-même ; ignoré, sauf juste après un `register` : le nom d'un autre ne connecte pas ce compte",
    "content": "texte du message",
    "code of Notice": "si la phrase dit un refus : son code",
    "content of Notice": "phrase du serveur, dans la langue de qui la lit",
    "client_id": "nom du message chez le client, texte de 1 à 64 caractères ou nombre entier : renvoyé avec le même, "
    "le message n'est gardé qu'une fois",
    "subtype": "`global`, `channel` ou `private`",
    "to": "destinataire : une personne, un `#salon`, ou `global`",
    "channel": "nom du salon ; sans lui, `#général`",
    "reply_to": "numéro du message auquel celui-ci répond",
    "file": "jeton d'un fichier téléversé, comme `upload` l'a donné ; le texte peut alors être vide",
    "file of UploadAdmitted": "jeton du fichier, que le message portera",
    "file of Said": "fichier : `name`, `type` et `size` (octets) ; `url`, son chemin à l'adresse de la page web, et "
    "`link`, l'adresse entière si le serveur la connaît ; `width` et `height` d'une image",
    "url": "chemin où envoyer les octets par `PUT`, à l'adresse de la page web",
    "url of a file": "chemin à l'adresse de la page web ; qui le connaît peut lire le fichier",
    "link": "adresse entière, si le serveur la connaît",
    "width": "largeur d'une image, en pixels",
    "height": "hauteur d'une image, en pixels",
    "until of UploadAdmitted": "date et heure UTC jusqu'à laquelle les octets peuvent commencer à venir",
    "channel of UploadFile": "salon du message à venir ; sans lui et sans `user`, `#général`",
    "user of UploadFile": "l'autre personne de la conversation privée, au lieu d'un salon",
    "name of UploadFile": "nom du fichier ; son chemin et ce qui ne se voit pas en sont ôtés",
    "name of a file": "nom, tel que son auteur l'a donné",
    "size": "taille en octets, exacte",
    "size of a file": "taille en octets",
    "type of a file": "type que le contenu montre, quel que soit le nom : `image/png`…",
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
    "channel of Create": "nom du nouveau salon",
    "channel of Join": "nom du salon",
    "channel of JoinChannel": "nom du salon",
    "channel of Leave": "nom du salon",
    "channel of Topic": "nom du salon",
    "channel of Typing": "nom du salon ; absent d'une conversation privée",
    "channel of Said": "nom du salon ; `null` pour un message privé",
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
    "channel of Announce": "nom du salon ; sans lui, tout le monde",
    "channel of TopicTold": "nom du salon",
    "channel of MembersListed": "nom du salon",
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
    "from of Typing": "qui écrit",
    "user of PersonProfile": "la personne ; sans lui, soi-même",
    "alias of PersonProfile": 'pour changer le sien : autre nom, unique lui aussi ; `""` l\'efface',
    "first_name of PersonProfile": "de même : prénom",
    "last_name of PersonProfile": "de même : nom de famille",
    "email of PersonProfile": "de même : adresse électronique",
    "status_text of PersonProfile": "de même : une phrase à côté de l'état",
    "user of ProfileShown": "nom du compte",
    "email of ProfileShown": "adresse électronique ; seulement à soi-même et à qui gère les comptes",
    "status_text": "une phrase à côté de l'état",
    "user of BlockPerson": "la personne, qui a un compte",
    "on of BlockPerson": "`true` : bloquer ; `false` : ne plus bloquer",
    "users of BlockListShown": "noms des personnes bloquées",
    "user of ShowTyping": "l'autre personne d'une conversation privée, au lieu d'un salon",
    "user of Typing": "l'autre personne de la conversation privée, vue de qui reçoit l'événement",
    "user": "la personne",
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
    "reason": "raison, 300 caractères au plus ; la personne visée la lit",
    "duration of Mute": "secondes",
    "duration of Kick": "secondes pendant lesquelles la personne ne peut pas revenir",
    "duration of Ban": "secondes ; sans elle, pour toujours",
    "target of Ban": "une personne, une adresse, ou un réseau tel que `10.0.0.0/24` ; adresses et réseaux : à partir "
    "du rôle `admin`",
    "delete_account": "supprime aussi le compte ; à partir du rôle `admin`",
    "target of Unban": "la personne, l'adresse ou le réseau, comme dans `bans`",
    "role of SetRole": "nouveau rôle, plus bas que celui de qui le donne ; un `owner` les donne tous",
    "content of Announce": "texte de l'annonce",
    # what is answered, and what is heard
    "message_id": "numéro du message, croissant",
    "timestamp": "date et heure UTC (RFC 3339)",
    "status": "`ok`",
    "status of ChannelEntered": "`ok` ; `pending` : la demande attend un modérateur",
    "server": "nom du serveur",
    "version": "version du serveur",
    "limits": "limites du serveur ; `0` : aucune",
    "auth": "façons de s'identifier",
    "features": "ce que ce serveur sait faire",
    "motd": "message du jour",
    "heartbeat": "secondes : quand il n'a rien d'autre à dire pendant ce temps, le serveur envoie l'événement "
    "`heartbeat` ; `0` : il n'en envoie pas",
    "must_change": "`true` : le mot de passe est à usage unique, et doit être changé avant toute autre chose",
    "role": "`guest`, `member`, `moderator`, `admin` ou `owner`",
    "users": "noms des personnes présentes",
    "messages": "messages, du plus ancien au plus récent",
    "around": "les messages autour de ce numéro, et celui-là",
    "more_before": "seulement avec `around` : vrai s'il y en a de plus anciens",
    "more_after": "seulement avec `around` : vrai s'il y en a de plus récents",
    "more": "vrai si l'historique continue dans le sens de la lecture",
    "channels": "salons visibles",
    "members": "noms des membres",
    "roles": "rôles par nom, de qui n'est pas simple membre (`member`) du serveur",
    "online": "ceux qui sont présents",
    "name of a channel": "nom du salon",
    "kind of a channel": "`default`, `open`, `approval` ou `private`",
    "topic of a channel": "sujet",
    "members of a channel": "nombre de membres",
    "member of a channel": "vrai si l'on en est membre",
    "read_only of a channel": "vrai si seuls les modérateurs y écrivent",
    "conversations": "conversations, celle du message le plus récent d'abord",
    "conversations of LoggedIn": "ses conversations, celle du message le plus récent d'abord, 100 au plus : ce qui a "
    "été manqué dans chacune",
    "conversations of Resumed": "comme dans la réponse à `login`, si rien n'est rejoué ou s'il y a un `gap`",
    "more of Resumed": "vrai s'il y a d'autres conversations : `conversations` les donne",
    "reactions of MarksChanged": "toutes les réactions, comme dans `message` ; vide s'il n'y en a plus",
    "pinned": "vrai si le message est épinglé",
    "more of LoggedIn": "vrai s'il y en a d'autres : `conversations` les donne",
    "more of ConversationsListed": "vrai s'il y en a d'autres, plus anciennes",
    "before of Conversations": "seulement les conversations dont le dernier message est plus ancien que ce numéro",
    "next": "s'il y en a d'autres : le `before` qui les demande",
    "limit of Conversations": "nombre de conversations, 100 au plus",
    "conversation": "clé de la conversation privée, au lieu d'un nom : telle que la donne `conversations`",
    "conversation of MarkerTold": "clé de la conversation privée",
    "conversation of MarkerMoved": "clé de la conversation privée",
    "conversation of Hidden": "clé de la conversation privée",
    "conversation of HistoryRead": "clé de la conversation lue, si elle a été demandée ainsi",
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
    "mentions of a conversation": "combien d'entre eux nomment la personne, parmi les 100 dernières fois qu'elle est "
    "nommée",
    "last_read of a conversation": "le dernier message lu ; `0` si aucun ne l'est",
    "last_message of a conversation": "le dernier message, comme dans l'événement `message` ; absent s'il n'y en a pas",
    "last_message_id of a conversation": "numéro du dernier message ; `0` s'il n'y en a pas",
    "count of a conversation": "nombre de membres d'un salon",
    "members of a conversation": "leurs noms, s'ils sont 20 au plus",
    "gone of a conversation": "vrai si le compte a été supprimé, ou si l'invité est parti",
    "requests": "demandes qui attendent, de la plus ancienne à la plus récente",
    "sanctions": "sanctions en vigueur",
    "target": "qui est visé",
    "until": "fin, date et heure UTC ; sans elle, pour toujours",
    "hint": "ce que l'on pourrait vouloir faire en plus",
    "user of a request": "qui demande",
    "channel of a request": "nom du salon",
    "since of a request": "date et heure UTC de la demande",
    "until of a request": "date et heure UTC après laquelle elle est périmée",
    "kind of a sanction": "`mute`, `kick` ou `ban`",
    "target of a sanction": "une personne, une adresse ou un réseau",
    "by of a sanction": "qui l'a décidée",
    "since of a sanction": "date et heure UTC de son début",
    "until of a sanction": "date et heure UTC de sa fin ; `null` : pour toujours",
    "reason of a sanction": "raison",
    # what is refused
    "code": "code stable, à tester par les programmes",
    "message": "phrase pour les personnes",
    "error": "la même phrase que `message`, pour les clients qui la cherchent ici",
    "field": "champ en cause",
    "retry_after": "secondes à attendre avant de réessayer, parfois avec une fraction (`0.5`)",
    "until of a refusal": "date et heure UTC à laquelle une sanction finit d'elle-même ; absent : elle ne finit pas",
}
"""By the field's name; `name of Class` wins over `name`."""

GROUPS = {
    "request": "Une demande d'un client, dans les deux dialectes. Après `hello`, un champ inconnu dont le nom "
    "ressemble à celui d'un champ de la demande est refusé, ce que ce schéma ne peut pas dire.",
    "answer": "La réponse à une demande, ou un refus ; dans le dialecte classique sans `id`.",
    "event": "Un événement du dialecte moderne.",
    "classic": "Un événement ou un refus du dialecte classique.",
}

ROWS = {
    "ConversationInfo": "a conversation",
    "MissedInfo": "a conversation",
    "ChannelInfo": "a channel",
    "JoinRequestInfo": "a request",
    "SanctionInfo": "a sanction",
    "OwnSession": "a session",
    "FileShown": "a file",
}
"""The rows of answers, and of what they are in FIELDS."""

EVENT_WORDS = {
    "message": "quelqu'un a écrit",
    "status": "quelqu'un arrive, part ou change d'état",
    "edited": "un message a été modifié",
    "deleted": "un message a été supprimé",
    "joined": "quelqu'un est entré dans un salon",
    "left": "quelqu'un a quitté un salon",
    "topic": "le sujet d'un salon a changé",
    "channel_deleted": "un salon n'existe plus",
    "description": "la description d'un salon a changé",
    "invited": "quelqu'un vous a fait membre d'un salon",
    "read": "une autre de vos sessions a lu",
    "hidden": "une autre de vos sessions a fermé une conversation privée",
    "changed": "les réactions ou l'épinglage d'un message ont changé pendant une absence",
    "gap": "il manque plus de messages que `resume` n'en rejoue",
    "typing": "quelqu'un est en train d'écrire",
    "profile_changed": "le profil de quelqu'un a changé",
    "pinned": "un message est épinglé, ou ne l'est plus",
    "reaction": "quelqu'un réagit à un message, ou retire sa réaction",
    "heartbeat": "le serveur est là, et n'a rien d'autre à dire",
    "system": "le serveur dit quelque chose",
}

AUTH = {
    "password": "`register` et `login`, avec un mot de passe",
    "guest": "`guest`, sans compte",
}
"""What a client may do that reads a word in `auth` of `hello`."""

FEATURES = {
    "ack": "un message est acquitté quand il est enregistré",
    "blocks": "`block`, `blocks`",
    "channels": "`channels`, `join`, `leave`, `create`, `members`, `topic`, `description`, `invite`",
    "client_id": "un message renvoyé avec le même `client_id` n'est gardé qu'une fois",
    "conversations": "`conversations`, `read`, `hide` ; `login` dit ce qui a été manqué",
    "delete": "`delete`",
    "edit": "`edit`",
    "files": "`upload`, et `file` d'un message : des fichiers ; absent si ce serveur n'en prend pas",
    "guests": "on peut entrer sans compte",
    "history": "`history`",
    "mentions": "`@nom` dans un texte mentionne un compte",
    "profiles": "`profile`",
    "private": "des messages à une seule personne",
    "pins": "`pin`, `pins`",
    "reactions": "`react`",
    "resume": "`resume`, `my_sessions`, `end_session`",
    "reply_to": "un message répond à un autre",
    "search": "`search`",
    "typing": "`typing`",
}
"""The same of `features`."""


def _listed(words: Mapping[str, str]) -> str:
    return " ; ".join(f"`{word}` : {meaning}" for word, meaning in words.items())


NOTES = {
    "hello": f"`auth` dit comment entrer : {_listed(AUTH)}. `features` dit ce que ce serveur sait faire, pour qu'un "
    f"client cache le reste : {_listed(FEATURES)}.",
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
    "aussi. Un client classique reçoit le nouveau texte comme un message de l'auteur, qui commence par `(modifié)`.",
    "delete": "Un message de soi, sauf dans un salon fermé ; un modérateur supprime aussi, dans les salons qu'il lit, "
    "les messages de qui a un rôle inférieur. Le message reste à sa place dans l'historique, avec `deleted` et sans "
    "texte ; ce qu'il disait est gardé pour les modérateurs. Un message privé supprimé avant d'être remis ne l'est "
    "plus. Une seconde suppression est refusée par `conflict`. Un client classique n'en reçoit rien.",
    "members": "Un invité qui est dans le salon en est membre, tant qu'il y est. "
    "Demandée sous le nom `who`, la réponse a aussi `users` : la même liste que `online`.",
    "login": "Dans le dialecte moderne, la réponse dit pour chaque conversation ce qui a été manqué, tel que c'était "
    "un instant avant la connexion. `conversations`, demandé ensuite, n'oublie rien : ce qui n'y est pas encore arrive "
    "en événement `message`.",
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
    "status": "Un état que l'on a déjà n'est pas annoncé une seconde fois.",
    "history": "Une `limit` au-dessus de 200 vaut 200 ; au-dessous de 1, elle est refusée. `before`, `after` et "
    "`around` s'excluent. `after: 0` commence au début. Une page `around` a ce message au milieu, s'il existe encore, "
    "avec la moitié des autres avant et la moitié après ; s'il n'y a pas assez de plus anciens, il y a d'autant plus "
    "de suivants. "
    "Un message est ce qu'il est dans l'événement `message`. Lit un salon qui en est membre : un compte "
    "pour de bon, un invité tant qu'il y est (`#général`, et les salons ouverts aux invités où il est entré). "
    "Un invité ne lit pas de conversation privée : son nom peut être demain celui d'un autre. `conversation` nomme "
    "celle d'un compte supprimé, ou d'un invité dont le nom est depuis celui d'un compte.",
    "resume": "À envoyer sur une nouvelle connexion, après `hello` ; sur une connexion où l'on est déjà connecté, la "
    "réponse est `conflict`. Voir « Les sessions ». Après cinq jetons refusés, chaque essai attend comme un mot de "
    "passe. Avant les messages manqués viennent `edited` et `deleted` de ceux qui les précèdent (les 500 derniers "
    "changements ; une nouvelle fois pour ceux que l'on avait déjà entendus en dernier).",
    "my_sessions": "Les sessions connectées, et celles que l'on peut encore reprendre.",
    "end_session": "Le jeton de la session est annulé, et sa connexion fermée après une phrase qui dit pourquoi. Un "
    "numéro qui n'est pas à soi est `not_found`.",
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
    "join": "Un salon de sorte `approval` répond `pending`. Ce que décide un modérateur arrive en événement `system`, "
    "au besoin à la prochaine connexion ; une demande sans réponse est périmée après 14 jours (réglage `[channels] "
    "request_days`).",
    "register": "Un nom a des lettres d'une même écriture, des chiffres, `_ - .` et des espaces isolés. Est refusé un "
    "nom réservé, une adresse (`10.0.0.5`), et ce qui se lit comme le nom d'un compte (`aIice`) ou, même de loin "
    "(`adm1n`, `Serveur_`), comme un nom réservé ou celui de qui modère (`bad_username`). Un invité reçoit alors "
    "`(invité)` en plus.",
    "password": "Après cinq essais manqués, chaque autre attend : 0,5 seconde, puis le double, 8 secondes au plus. "
    "Deux claviers qui écrivent `é` de deux façons (Windows, macOS) donnent le même mot de passe, préparé selon la "
    "RFC 8265 (OpaqueString), qui refuse les caractères de contrôle et les caractères invisibles (`bad_password`). "
    "Un mot de passe à usage unique (inventé par le serveur) fait entrer une fois : `login` répond alors "
    "`must_change`. Avant de le changer on ne peut rien faire d'autre (`not_allowed`), on n'est dans aucune liste, et "
    "l'on n'entend rien. Une seconde connexion avec lui est refusée (`login_failed`) : un administrateur en fait un "
    "autre (`passwd`). Changer son mot de passe ferme les autres sessions du compte.",
    "profile": "Sans autre champ, `profile` lit le sien, ou celui de `user` ; avec un champ, il change le sien, et la "
    "réponse est le profil comme il est alors. Un texte vide efface un champ. `alias` est un autre nom, que personne "
    "d'autre ne peut prendre et qui suit les règles de `register` ; `first_name` et `last_name` disent qui c'est, "
    "`status_text` est une phrase à côté de l'état : qui a un compte les lit. `email` sert à qui gère les comptes, qui "
    "le voit seul avec son propriétaire. Les invités n'ont pas de profil et n'en lisent pas. Si le mot de passe est "
    "gardé ailleurs (un annuaire), ce que l'annuaire dit du nom et de l'adresse revient à la prochaine connexion.",
    "block": "D'une personne bloquée on ne lit plus de message privé : le sien est refusé (`blocked`), et elle "
    "l'apprend ainsi. On ne lui écrit pas non plus, puisqu'elle ne pourrait pas répondre. Les salons n'en savent rien. "
    "Ce qu'elle a envoyé avant arrive encore, et reste dans l'historique. Une liste appartient à un compte, vaut dans "
    "toutes ses sessions et dans les deux dialectes, et a 200 personnes au plus. On ne bloque ni soi-même, ni un "
    "invité, dont le nom peut être demain celui d'un autre, ni qui modère ; qui est bloqué et devient modérateur ne "
    "l'est plus tant qu'il modère.",
    "invite": "Dans un salon `open`, tout membre qui a un compte invite ; dans un salon `private`, qui l'a fait, et "
    "les "
    "modérateurs qui y sont ; dans un salon `approval`, ceux-ci seulement. La personne est membre aussitôt, entend "
    "`invited`, et peut partir : qui est parti deux fois n'est plus invité ce jour-là. Absente, elle trouve le salon "
    "dans `conversations`. Un invité sans compte n'est pas invité.",
    "description": "Deux mille caractères au plus. La change qui peut changer le sujet.",
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
    "role": "L'autre personne apprend aussitôt son nouveau rôle. Le dernier `owner` ne peut pas cesser de l'être.",
    "create": "Un membre fait 20 salons au plus ; d'une adresse, il y en a 200 au plus (réglage `[limits] "
    "channels_per_address`, la moitié du tout pour une adresse que beaucoup partagent), et 1 000 en tout. Un salon "
    "fermé ne compte plus, un salon vide ne compte pas dans le tout. Qui modère n'a pas de limite. "
    "Un nom réservé et celui d'un salon privé que l'on ne voit pas ont la même réponse : il n'est pas disponible.",
    "delete_channel": "Qui a fait un salon peut le supprimer quand personne d'autre n'y est ; les administrateurs "
    "suppriment tous les autres, sauf celui de tous, ceux d'un rôle, et ceux des réglages (`[channels]`). "
    "Il disparaît pour tous, et ses membres en entendent `channel_deleted`. Ses messages restent dans la base : un "
    "export les contient, plus personne ne les lit par le chat. Le nom est libre, et un nouveau salon de ce nom "
    "commence vide.",
    "react": "Réagit à un message qui peut le lire et peut écrire là où il est ; sinon `not_found`, `muted`, "
    "`read_only`, `channel_closed`… `emoji` est un seul emoji d'Unicode, avec teinte, drapeau ou assemblage, "
    "et rien d'autre. Un message a 20 emoji différents au plus, 5 d'une même personne. Réagir deux fois, ou "
    "retirer ce qui n'y est pas, est acquitté, et n'est dit à personne. Un invité réagit sous son nom ; quand "
    "il est parti, il ne peut plus retirer sa réaction, ni un autre invité du même nom. Les réactions d'un "
    "compte supprimé disparaissent. Un client classique n'en entend rien.",
    "pin": "Dans un salon : qui peut en changer le sujet ; dans une conversation privée : les deux personnes. 50 "
    "messages épinglés au plus dans chacun. Épingler deux fois, ou retirer ce qui n'est pas épinglé, est "
    "acquitté, et n'est dit à personne. Un message supprimé n'est plus épinglé. Un client classique n'en "
    "entend rien.",
    "pins": "Les messages sont dans l'ordre de l'historique, tels que `history` les donne.",
    "upload": "Demande où téléverser un fichier, pour un message à venir dans ce salon ou à cette personne ; accordé "
    "ou refusé comme le serait ce message, selon le rôle (`[files] send`), la taille (`file_too_large`), ce que le "
    "compte et le salon ont envoyé en un jour (`rate_limited`, `retry_after`) et la place du serveur (`no_room`). Les "
    "octets, exactement `size`, vont à `url` par une requête HTTP `PUT`, une seule fois, à la même adresse que la page "
    "web. La réponse est un objet JSON : `file`, `name`, `type`, `size`, ou un refus comme ici (`file_type` pour un "
    "type que le serveur ne prend pas). Puis `message` porte le fichier par `file`, avec un texte ou sans, dans "
    "l'heure, du même compte et au même endroit ; sinon `not_found`. Un invité qui y a droit le fait dans sa session. "
    "Un client classique lit le nom du fichier et son adresse à la suite du texte. Quand le message est supprimé, "
    "l'adresse n'existe plus.",
    "typing": "À envoyer au début d'un message, puis toutes les trois secondes tant qu'il s'écrit ; l'événement vaut "
    "environ cinq secondes, et cesse avec le message. Refusé comme le serait un message (`muted`, `read_only`, "
    "`not_in_channel`…), sinon acquitté, mais seulement si la demande a un `id`. Le serveur n'en montre rien "
    "quand la personne est invisible, moins de trois secondes après la dernière fois dans la même conversation, "
    "ni dans un salon que suivent plus de 200 sessions. Seuls les clients modernes des autres l'entendent.",
    "close": "Un salon fermé peut encore être lu ; y écrire est refusé (`channel_closed`).",
}
"""What is to be known of an answer."""

PERMISSIONS = {
    "anyone": "Permis à tous, même avant de s'identifier.",
    "guest": "Permis à qui s'est identifié, invités compris.",
    "member": "Permis à qui a un compte.",
    "moderator": "Permis aux modérateurs.",
    "admin": "Permis aux administrateurs (rôle `admin`).",
    "setting": "Permis à partir du rôle que dit le réglage `[channels] create` ; il faut un compte.",
    "setting_files": "Permis à partir du rôle que dit le réglage `[files] send`.",
}

PAGE = """\
# Le protocole de ClassCord

<!-- Produit par `make docs` à partir des vocabulary.py de classcord/chat/ : ne pas modifier ici. -->

Un objet JSON par ligne, terminée par `\\n`, sur TCP (port 12345) ou dans TLS (port 12346). `type` dit ce que c'est.
Un WebSocket (RFC 6455) à `/chat`, sur les ports de la page web (8080, et 8443 dans TLS), porte les mêmes lignes dans
des messages de texte, une ou plusieurs dans chacun ; il commence par `hello`, car il ne parle que le dialecte moderne.
Le serveur répond à chaque demande, et envoie des événements. Le même contrat pour les programmes, en JSON Schema :
[protocol.schema.json](protocol.schema.json).

Il y a deux dialectes sur le même port :

- le **classique**, que parlent les clients écrits pour l'ancien serveur de la classe. Rien à faire pour l'obtenir ;
- le **moderne**, qui commence quand le client envoie `hello`. Chaque demande peut alors porter un `id`, que sa
réponse reprend ; un message est acquitté (`ack`) quand il est sur le disque ; un refus porte un `code` stable.

Dans les exemples, `>` est ce que le client envoie, `<` ce qu'il reçoit. Ce sont de vraies réponses du serveur. Les
champs inconnus sont ignorés, un `type` inconnu est refusé. Mais après `hello`, un champ inconnu qui ressemble à un
champ de la demande (`chanel`, `clientId`) est refusé (`bad_request`, avec ce nom dans `field`) : ignoré, il enverrait à
tous ce qui était pour un salon. Les sortes de salons sont {kinds}. Un nom de salon
s'écrit avec ou sans `#`, avec ou sans accents. Une date est en UTC (sauf dans le dialecte classique), une durée en
secondes.

Un `id` est un texte (256 caractères au plus), un nombre ou `null`.

Dans une demande, `null` vaut un champ absent (sauf pour `id`, qui revient tel quel), et un nombre
entier peut s'écrire `50.0` ; `50.5` n'en est pas un. Le serveur écrit `5`, jamais `5.0`.

Chaque demande est une classe d’un `vocabulary.py` de `classcord/chat/` : c'est de là que viennent cette page, le
schéma, et les commandes de la [console d'administration](administration.md).

## Les noms et les limites

Un nom de personne a 64 caractères au plus : des lettres d'une même écriture, des chiffres, `_ - .` et des espaces
isolés ; ni `<`, `>`, `#`, `@`, `:`, `/`, ni caractère invisible. `Zoé`, `ZOÉ` et `zoé` sont un seul nom (PRECIS,
RFC 8266). `global`, `serveur`, `server`, `system`, `tous` et d'autres sont réservés, et rien ne peut se lire comme le
nom de quelqu'un d'autre. Un nom de salon suit les mêmes règles après son `#`.

Une ligne a 64 Kio au plus (`line_bytes` de `hello`), un message 10 000 caractères (`content_chars`), un sujet ou un
motif 300, un état 32, un mot de passe entre 4 (`min_password`) et 1 000. Qui envoie plus de `messages_per_second`
demandes par seconde, après les `burst` premières, entend `rate_limited`. Une limite de `0` n'existe pas. Les nombres
de `hello` sont ceux de ce serveur : un client les lit là.

## Le dialecte classique

Une conversation de trois lignes suffit : `register` une fois, puis `login`, puis `message`. Avant la réponse à sa
première demande, un client ne reçoit rien. Qui envoie un message sans s'identifier est un invité, dont le nom est
pris dans `from`. L'auteur d'un message n'en reçoit pas de copie. Tout ce que le serveur envoie est en ASCII
(`\\u00e9` pour `é`) ; ce qu'il reçoit est lu en UTF-8, ou en windows-1252. Un refus a `type` : `error`, avec la
même phrase dans `message` et `error`, où `Login failed` et `already exists` restent en anglais dans toutes les langues,
car les anciens clients les y cherchent. Une mauvaise ligne coûte un refus, jamais la connexion ; mais avant la
première réponse, de plusieurs mauvaises lignes seule la première est refusée par une réponse. Trop de mauvaises lignes
ferment la connexion : la dernière ligne dit alors pourquoi, comme chaque fois que le serveur ferme.

L'auteur d'un message ou d'un `status` n'en entend rien en retour, et ses autres sessions classiques n'entendent rien
de son état. Après `login`, un message bien formé qui est refusé (`muted`, `not_found`, `too_long`…) est dit par une
phrase du serveur (`"subtype":"system"`) qui porte `code` ; une ligne mal formée reste un `error`. Un message sans
identité fait un invité dans ce dialecte seulement : après `hello`, il est refusé par `not_identified`.

L'état `invisible` cache aux autres. L'historique vient après le premier
`users` qui suit `login` : ses messages commencent par l'heure entre crochets, `[21:14]`, ou par le jour et l'heure
s'ils ne sont pas d'aujourd'hui, `[27/11 21:14]`. `timestamp` est l'heure du serveur avec son décalage. Un client lit
son propre nom comme il l'a écrit : qui s'est connecté comme `ALICE` se trouve sous ce nom dans `users`, et dans `to`.

Juste après `register`, sur une connexion où personne n'est connecté, le premier `message`, `private` ou `status`
connecte ce compte, pendant une heure au plus. Mais si `from` est un autre nom que celui du compte, ou après un `login`
refusé ou un `guest` dans l'intervalle, qui écrit est un invité. Un premier message vide avec `from` annonce un invité
sans rien dire, et un `status` envoyé avant d'être quelqu'un compte pour cet invité.

Qui envoie `status` avant son premier `users` a l'historique après le second, et reçoit ses lignes à 20 ms l'une de
l'autre, tant qu'il n'en attend pas plus de 60 ; `who` l'apporte aussi, et qui ne demande rien l'a au bout de 5
secondes. Après le premier `users`, une ligne `status` dit l'état de chaque personne qui n'est pas `online`
(200 lignes au plus). Qui a envoyé `private` reçoit les messages privés avec `"type":"private"`, qui a envoyé `who`
les phrases du serveur avec `"type":"system"`. `type` peut être en majuscules ; `list_users` et `userlist` valent
`users`, `join_channel` et `channel_switch` valent `join`, `private` est un message privé, `disconnect` est `logout`,
puis la fin de la connexion.

Un message privé qui n'a pas atteint la machine du destinataire (liaison morte, serveur arrêté net) lui est remis à sa
prochaine connexion, comme s'il avait été absent ; l'auteur, s'il est encore là, l'apprend par une phrase du serveur. Un
client peut donc lire deux fois un message arrivé à l'instant même de la panne.

Un texte peut être une commande, pour les clients sans boutons : `/join #dev` (ce qui est écrit à tous va alors dans ce
salon, jusqu'à `/leave`), `/leave`, `/rooms`, `/who`, `/mp bob Bonjour` ou `/msg`, `/me réfléchit`, `/help`. Des phrases
du serveur y répondent, à cette session seule. `//mot` est un texte qui commence par une barre oblique ; `/ mot` et
`/etc/hosts` sont des textes aussi ; une commande inconnue n'est envoyée à personne. Un nom peut être entre
guillemets, `/mp "Jean Paul" Bonjour` ; si plusieurs noms sont possibles, `/mp` n'envoie rien et les énumère.

```
{classic}
```

Le serveur envoie d'abord les réponses (`register`, `login`, `users`…), puis, sans qu'on les demande :

| ce qui arrive | la ligne que reçoit un client classique |
| --- | --- |
| quelqu'un écrit à tous | `message`, `"subtype":"global"`, `"to":"global"` |
| quelqu'un écrit dans un salon | la même, avec `channel` |
| quelqu'un écrit à soi seul | `message` (ou `private`), `"subtype":"private"`, `to` est son propre nom |
| le serveur dit quelque chose (arrivée, sujet, sanction, refus) | `message` (ou `system`), `"subtype":"system"`, \
`"from":"Serveur"`, `code` si c'est un refus |
| quelqu'un arrive, part ou change d'état | `status`, avec `user` et `state` |
| quelqu'un entre dans un salon, le quitte, est en train d'écrire ; une autre session du compte a lu | rien |

Les champs d'un `message` classique :
{classic_fields}
Les autres demandes ci-dessous existent aussi dans ce dialecte ; leurs réponses y ont les mêmes champs, sans `id`.
"""

SESSIONS = """
## Les sessions

`login` et `guest` donnent à un client moderne un jeton (`session`), que lui seul connaît. Quand la connexion est
perdue, il en ouvre une nouvelle, envoie `hello` puis `resume` avec ce jeton et le plus grand `message_id` qu'il a
reçu : il est la même personne, sans mot de passe, et reçoit ce qui lui manque. L'ordre est celui-ci :

1. la réponse `resume` ;
2. chaque message plus récent que `after` de ses salons et de ses conversations privées, dans l'ordre de `message_id`,
tel qu'il serait arrivé ; les siens aussi, écrits d'ici ou d'un autre appareil ;
3. ce qui a été dit pendant ce temps, puis la suite.

Avant ces messages vient ce que sont devenus ceux que le client connaît : `edited`, `deleted`, et `changed` pour les
réactions et l'épinglage, tels qu'ils sont maintenant.

Rien ne vient deux fois, rien ne manque. Au-delà de 500 messages ou de 1 Mo, un événement `gap` remplace le rejeu : le
client lit alors `history` entre `after` et `up_to`. Si `after` y vaut 0, les messages qu'il connaît ont peut-être
changé eux aussi : il relit ce qu'il montre. Avec un `gap`, et sans `after` dans la demande, la réponse dit dans
`conversations` ce qui attend, comme celle de `login` ; un invité n'a pas de marques de lecture, et n'en reçoit pas. Les
messages gardés pendant l'absence viennent en tout cas.

Si le serveur n'a pas encore vu que l'ancienne connexion est perdue (un téléphone qui change de réseau), il la ferme :
c'est une seule session, et personne ne voit partir ni arriver. Un invité retrouve son nom si personne ne l'a pris, et
ses conversations privées tant que le serveur n'a pas redémarré.

Un jeton vaut 14 jours après sa dernière utilisation (réglage `[accounts] session_days`), redémarrages compris. Il ne
vaut plus rien après `logout`, `end_session`, un nouveau mot de passe (sauf pour la session qui le change) et la
suppression du compte : la réponse est `bad_token`. Qui est exclu ou banni ne reprend pas non plus sa session. Un jeton
vaut un mot de passe : ne l'écrivez ni dans un journal ni dans une adresse, et préférez TLS.

Un message qui n'a pas reçu son `ack` se renvoie avec le même `client_id` : voir `message`.

Un lien peut mourir sans que rien ne l'annonce : un câble débranché, un Wi-Fi hors de portée, une machine éteinte.
Après `hello`, le serveur ne laisse donc jamais passer plus de `heartbeat` secondes (30, réglage `[limits] heartbeat`)
sans rien envoyer : s'il n'a rien d'autre à dire, c'est l'événement `heartbeat`, auquel on ne répond pas. Un client
qui ne reçoit rien pendant deux fois ce temps sait que son lien est mort ; il ferme la connexion et en ouvre une
nouvelle. Le serveur le remarque aussi vite : la machine du client n'acquitte plus (TCP) ce qu'il envoie. Une
connexion garde le temps que `hello` lui a dit. Avec `0`, le serveur n'envoie rien, et met deux minutes à remarquer un
lien mort, comme celui d'un client classique.

## Se reconnecter sans rien perdre

Quatre règles suffisent, dans n'importe quel langage :

1. retenir le jeton de `login`, et le plus grand `message_id` reçu (`message` et `ack` ; au début, les
`last_message_id` de la réponse à `login`) ; à chaque nouvelle connexion, envoyer `hello`, puis `resume` avec les deux,
et `login` seulement si la réponse est `bad_token` ;
2. donner à chaque message un `client_id` que rien d'autre n'a (un UUID), et le garder jusqu'à son `ack` ; après `login`
ou `resume`, renvoyer ceux qui restent, avec le même `client_id` : le serveur ne les enregistre qu'une fois ;
3. ne montrer qu'une fois un `message_id` ;
4. tenir le lien pour mort quand rien ne vient pendant deux fois le `heartbeat` de `hello`.

Voici un client entier, en Python puis en Java, sans bibliothèque. `python -m bench.reconnect` tue le serveur pendant
que deux de ces clients parlent : rien ne manque, rien n'est doublé. Après un `gap`, un client lit en plus `history`.

```python
{py}```

```java
{java}```

"""

REQUESTS = """
## Les demandes

Les exemples qui suivent sont une seule conversation, dans l'ordre du temps : alice, bob, zoé, prof et dupont ont
chacun leur connexion, et alice en a une seconde, `mobile`, comme à la fin zoé (`zoé2`). Qui les tape de haut en bas,
sur un serveur neuf dont `prof` est l'administrateur, voit la même chose, à l'heure et aux jetons près. Tout ce que
chacun entend y est. Une demande est expliquée là où elle vient pour la première fois.
"""

REFUSALS = """
## Les refus

Un refus a un `code`, qui ne change jamais, et une phrase, qui peut changer. Un programme lit le code.
"""

REMEDIES = {
    "bad_json": "corriger le programme",
    "bad_request": "corriger le champ que dit `field`",
    "unknown_type": "corriger le programme, ou lire `features` : ce serveur est plus ancien",
    "line_too_long": "se reconnecter, et envoyer moins à la fois",
    "too_long": "raccourcir le champ que dit `field`",
    "not_identified": "envoyer `login`, `guest` ou `resume`",
    "login_failed": "redemander le nom et le mot de passe",
    "password_elsewhere": "dire où le mot de passe se change",
    "username_taken": "proposer un autre nom",
    "bad_token": "oublier le jeton, et envoyer `login` ou `guest`",
    "bad_username": "montrer la phrase, et demander un autre nom",
    "bad_password": "montrer la phrase, et demander un autre mot de passe",
    "registration_closed": "cacher le bouton d'inscription",
    "file_too_large": "dire la limite que `hello` donne (`file_bytes`)",
    "file_type": "montrer la phrase",
    "no_room": "montrer la phrase",
    "rate_limited": "attendre `retry_after` secondes, puis renvoyer",
    "busy": "attendre `retry_after` secondes ou une, puis renvoyer",
    "storage_unavailable": "garder le message, attendre `retry_after` secondes, puis renvoyer",
    "maintenance": "réessayer de se connecter toutes les minutes",
    "too_many_connections": "fermer d'autres connexions, ou réessayer plus tard",
    "not_found": "rafraîchir la liste des personnes ou des salons",
    "not_in_channel": "envoyer `join`",
    "already_member": "rien : c'est fait",
    "not_allowed": "montrer la phrase",
    "read_only": "cacher le champ de saisie de ce salon",
    "channel_closed": "cacher le champ de saisie de ce salon",
    "pending": "montrer que la demande attend",
    "conflict": "relire l'état, et laisser choisir",
    "muted": "montrer `until`, et laisser écrire ensuite",
    "kicked": "montrer la phrase ; se reconnecter après `until`",
    "banned": "montrer la phrase ; se reconnecter après `until`, s'il y est",
    "blocked": "avec `retry_after` : l'attendre avant de se reconnecter ; sans : montrer la phrase",
    "settings_refused": "montrer la phrase",
    "mail_not_sent": "montrer la phrase",
}
"""What a client does about a refusal."""
