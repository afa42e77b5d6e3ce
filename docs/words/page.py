"""The words of the page docs/protocole.md around its tables."""

from __future__ import annotations

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

REQUESTS = """
## Les demandes

Les exemples qui suivent sont une seule conversation, dans l'ordre du temps : alice, bob, zoé, prof et dupont ont
chacun leur connexion, et alice en a une seconde, `mobile`, comme à la fin zoé (`zoé2`). Qui les tape de haut en bas,
sur un serveur neuf dont `prof` est l'administrateur, voit la même chose, à l'heure et aux jetons près. Tout ce que
chacun entend y est. Une demande est expliquée là où elle vient pour la première fois.
"""

PERMISSIONS = {
    "anyone": "Permis à tous, même avant de s'identifier.",
    "guest": "Permis à qui s'est identifié, invités compris.",
    "member": "Permis à qui a un compte.",
    "moderator": "Permis aux modérateurs.",
    "admin": "Permis aux administrateurs (rôle `admin`).",
    "owner": "Permis aux propriétaires (rôle `owner`).",
    "setting": "Permis à partir du rôle que dit le réglage `[channels] create` ; il faut un compte.",
    "setting_files": "Permis à partir du rôle que dit le réglage `[files] send`.",
}
