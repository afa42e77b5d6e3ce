"""The French words of docs/protocole.md that the code does not have: what each field means, and the page around it."""

from __future__ import annotations

ABOUT = "Une ligne du protocole de ClassCord (dialecte moderne). Produit par `make docs`."

FIELDS = {
    "type": "nom de la demande ou de l'événement",
    "id": 'repris tel quel dans la réponse, `0` et `""` compris',
    "id of an answer": "celui de la demande, si elle en avait un",
    # what is asked
    "protocol": "version du protocole que parle le client",
    "protocol of Welcome": "version du protocole",
    "client": "nom et version du client",
    "encoding": "`utf-8`, ou `ascii` : tout autre caractère est alors écrit `\\uXXXX`",
    "lang": "langue des textes : `fr` ou `en`",
    "username": "nom du compte",
    "username of Guest": "nom souhaité ; sans nom, `invité`",
    "username of LoggedIn": "nom sous lequel la session est connue",
    "password": "mot de passe, en clair : préférez TLS",
    "alias": "autre nom, unique lui aussi",
    "first_name": "prénom",
    "last_name": "nom de famille",
    "email": "adresse électronique",
    "state": "mot court : `online`, `away`, `dnd`, `busy`, `invisible`, `offline`…",
    "content": "texte du message",
    "content of Notice": "phrase du serveur, dans la langue de qui la lit",
    "subtype": "`global`, `channel` ou `private`",
    "to": "destinataire : une personne, un `#salon`, ou `global`",
    "channel": "nom du salon ; sans lui, `#général`",
    "channel of Create": "nom du nouveau salon",
    "channel of Join": "nom du salon",
    "channel of JoinChannel": "nom du salon",
    "channel of Leave": "nom du salon",
    "channel of Topic": "nom du salon",
    "channel of Said": "nom du salon ; `null` pour un message privé",
    "channel of Joined": "nom du salon",
    "channel of Left": "nom du salon",
    "channel of TopicChanged": "nom du salon",
    "channel of ChannelEntered": "nom du salon",
    "channel of TopicTold": "nom du salon",
    "channel of MembersListed": "nom du salon",
    "channel of HistoryRead": "salon qui est lu",
    "from": "nom souhaité par un invité à son premier message ; ignoré ensuite",
    "from of Said": "auteur",
    "user": "la personne",
    "user of History": "l'autre personne d'une conversation privée",
    "user of HistoryRead": "l'autre personne de la conversation lue",
    "before": "seulement les messages plus anciens que ce numéro",
    "after": "seulement les messages plus récents que ce numéro ; `0` est le début",
    "limit": "nombre de messages, 200 au plus",
    "kind": "`open` (qui veut) ou `private` (sur invitation, non listé)",
    "kind of ChannelEntered": "sorte de salon",
    "topic": "sujet",
    "topic of Topic": "nouveau sujet ; sans lui, le sujet est seulement lu",
    # what is answered, and what is heard
    "message_id": "numéro du message, croissant",
    "timestamp": "date et heure UTC (RFC 3339)",
    "status": "`ok`",
    "server": "nom du serveur",
    "version": "version du serveur",
    "limits": "limites du serveur ; `0` : aucune",
    "auth": "façons de s'identifier",
    "features": "ce que ce serveur sait faire",
    "motd": "message du jour",
    "role": "`guest`, `member`, `moderator`, `admin` ou `owner`",
    "users": "noms des personnes présentes",
    "messages": "messages, du plus ancien au plus récent",
    "more": "vrai si l'historique continue dans le sens de la lecture",
    "channels": "salons visibles",
    "members": "noms des membres",
    "online": "ceux qui sont présents",
    "name of a channel": "nom du salon",
    "kind of a channel": "`default`, `open`, `approval` ou `private`",
    "topic of a channel": "sujet",
    "members of a channel": "nombre de membres",
    "member of a channel": "vrai si l'on en est membre",
    "read_only of a channel": "vrai si seuls les modérateurs y écrivent",
    # what is refused
    "code": "code stable, à tester par les programmes",
    "message": "phrase pour les personnes",
    "field": "champ en cause",
    "retry_after": "secondes à attendre",
}
"""By the field's name; `name of Class` wins over `name`."""

EVENT_WORDS = {
    "message": "quelqu'un a écrit",
    "status": "quelqu'un arrive, part ou change d'état",
    "joined": "quelqu'un est entré dans un salon",
    "left": "quelqu'un a quitté un salon",
    "topic": "le sujet d'un salon a changé",
    "system": "le serveur dit quelque chose",
}

NOTES = {
    "message": "Dans le dialecte classique, un message n'a pas de réponse.",
    "members": "Demandée sous le nom `who`, la réponse a aussi `users` : la même liste que `online`.",
    "status": "Un état que l'on a déjà n'est pas annoncé une seconde fois.",
    "history": "Un message est ce qu'il est dans l'événement `message`.",
}
"""What is to be known of an answer."""

PERMISSIONS = {
    "anyone": "Permis à tous, même avant de s'identifier.",
    "guest": "Permis à qui s'est identifié, invités compris.",
    "member": "Permis à qui a un compte.",
    "moderator": "Permis aux modérateurs.",
    "setting": "Permis à partir du rôle que dit le réglage `[channels] create` ; il faut un compte.",
}

PAGE = """\
# Le protocole de ClassCord

<!-- Produit par `make docs` à partir de classcord/chat/requests.py et events.py : ne pas modifier ici. -->

Un objet JSON par ligne, terminée par `\\n`, sur TCP (port 12345) ou dans TLS (port 12346). `type` dit ce que c'est.
Le serveur répond à chaque demande, et envoie des événements. Le même contrat pour les programmes, en JSON Schema :
[protocol.schema.json](protocol.schema.json).

Il y a deux dialectes sur le même port :

- le **classique**, que parlent les clients écrits pour l'ancien serveur de la classe. Rien à faire pour l'obtenir ;
- le **moderne**, qui commence quand le client envoie `hello`. Chaque demande peut alors porter un `id`, que sa
réponse   reprend ; un message est acquitté (`ack`) quand il est sur le disque ; un refus porte un `code` stable.

Dans les exemples, `>` est ce que le client envoie, `<` ce qu'il reçoit. Ce sont de vraies réponses du serveur. Les
champs inconnus sont ignorés, un `type` inconnu est refusé. Les sortes de salons sont {kinds}. Un nom de salon
s'écrit avec ou sans `#`, avec ou sans accents.

## Le dialecte classique

Une conversation de trois lignes suffit : `register` une fois, puis `login`, puis `message`. Avant la réponse à sa
première demande, un client ne reçoit rien. Qui envoie un message sans s'identifier est un invité, dont le nom est
pris dans `from`. L'auteur d'un message n'en reçoit pas de copie. Tout ce que le serveur envoie est en ASCII
(`\\u00e9` pour `é`) ; ce qu'il reçoit est lu en UTF-8, ou en windows-1252. Un refus a `type` : `error`, avec la
même phrase dans `message` et `error`. L'état `invisible` cache aux autres. L'historique vient après le premier
`users` qui suit `login` : ses messages commencent par la date entre crochets.

```
{classic}
```

Les autres demandes ci-dessous existent aussi dans ce dialecte ; leurs réponses y ont les mêmes champs, sans `id`.
"""
