"""The words of the chapter about sessions that outlive their connection."""

from __future__ import annotations

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
