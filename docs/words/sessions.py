"""The words of how people come in and go on: hello, login, tokens, one's own sessions; what a server can do."""

from __future__ import annotations

from collections.abc import Mapping

FIELDS = {
    "server": "nom du serveur",
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
    "version": "version du serveur",
    "limits": "limites du serveur ; `0` : aucune",
    "auth": "façons de s'identifier",
    "features": "ce que ce serveur sait faire",
    "motd": "message du jour",
    "heartbeat": "secondes : quand il n'a rien d'autre à dire pendant ce temps, le serveur envoie l'événement "
    "`heartbeat` ; `0` : il n'en envoie pas",
    "must_change": "`true` : le mot de passe est à usage unique, et doit être changé avant toute autre chose",
    "may": "ce que le serveur laisse faire à ce rôle, pour qu'un client cache le reste : `create_channels`, créer des "
    "salons ; `send_files`, envoyer des fichiers ; `write_at_any_time`, écrire sans attendre pendant les heures calmes",
    "role of OwnPasswordChanged": "comme dans la réponse à `login`, si ce changement fait entrer",
    "may of OwnPasswordChanged": "comme dans la réponse à `login`, si ce changement fait entrer",
    "role": "`guest`, `member`, `moderator`, `admin` ou `owner`",
    "conversations of LoggedIn": "ses conversations, celle du message le plus récent d'abord, 100 au plus : ce qui a "
    "été manqué dans chacune",
    "conversations of Resumed": "comme dans la réponse à `login`, si rien n'est rejoué ou s'il y a un `gap`",
    "more of Resumed": "vrai s'il y a d'autres conversations : `conversations` les donne",
    "reactions of MarksChanged": "toutes les réactions, comme dans `message` ; vide s'il n'y en a plus",
    "more of LoggedIn": "vrai s'il y en a d'autres : `conversations` les donne",
}

EVENT_WORDS = {
    "changed": "les réactions ou l'épinglage d'un message ont changé pendant une absence",
    "gap": "il manque plus de messages que `resume` n'en rejoue",
    "rights": "son propre rôle a changé, ou ce que les réglages lui laissent faire ; toutes ses sessions l'apprennent",
    "heartbeat": "le serveur est là, et n'a rien d'autre à dire",
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
    "login": "Dans le dialecte moderne, la réponse dit pour chaque conversation ce qui a été manqué, tel que c'était "
    "un instant avant la connexion. `conversations`, demandé ensuite, n'oublie rien : ce qui n'y est pas encore arrive "
    "en événement `message`.",
    "resume": "À envoyer sur une nouvelle connexion, après `hello` ; sur une connexion où l'on est déjà connecté, la "
    "réponse est `conflict`. Voir « Les sessions ». Après cinq jetons refusés, un jeton faux attend avant d'être "
    "refusé, un juste jamais. Avant les messages manqués viennent `edited` et `deleted` de ceux qui les précèdent (les "
    "500 derniers changements ; une nouvelle fois pour ceux que l'on avait déjà entendus en dernier).",
    "my_sessions": "Les sessions connectées, et celles que l'on peut encore reprendre.",
    "end_session": "Le jeton de la session est annulé, et sa connexion fermée après une phrase qui dit pourquoi. Un "
    "numéro qui n'est pas à soi est `not_found`.",
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
    "role": "L'autre personne apprend aussitôt son nouveau rôle. Le dernier `owner` ne peut pas cesser de l'être.",
}
