"""The French words of docs/administration.md that the code does not have, and the page around what is generated."""

from __future__ import annotations

from classcord.chat.roles import Permission
from classcord.console.interpreter import DONE, REFUSED, USAGE
from classcord.faces.ssh.sftp_paths import ServedFolder

PERMISSIONS = {
    Permission.CONNECT: "se connecter, s'inscrire, entrer",
    Permission.OWN_ACCOUNT: "quitter son compte, en changer le mot de passe",
    Permission.PRESENCE: "dire son état",
    Permission.TALK: "écrire",
    Permission.READ: "lire les salons et leur historique",
    Permission.JOIN: "entrer dans un salon, le quitter",
    Permission.PERSONAL: "lire les profils, changer le sien, bloquer quelqu'un",
    Permission.CREATE_CHANNEL: "créer des salons (réglage `[channels] create`)",
    Permission.SEND_FILES: "envoyer des fichiers (réglage `[files] send`)",
    Permission.WRITE_AT_ANY_TIME: "écrire sans attendre pendant la pause numérique (réglage `[quiet_hours] exempt`)",
    Permission.SET_TOPIC: "changer le sujet de tout salon",
    Permission.WRITE_READ_ONLY: "écrire dans les salons en lecture seule",
    Permission.ADMIT: "admettre dans les salons sur demande",
    Permission.HANDLE_REPORTS: "lire et clore les signalements de messages",
    Permission.APPROVE: "approuver les messages qui attendent, écrire sans attendre ni pause",
    Permission.SET_CHANNEL: "changer les réglages d'un salon",
    Permission.NAME_MODERATORS: "nommer les modérateurs d'un salon",
    Permission.KEEP_ORDER: "entendre parler des sanctions et des demandes, lire qui est réduit au silence, "
    "entrer pendant une maintenance",
    Permission.INVITE_PEOPLE: "faire des codes d'invitation",
    Permission.ANNOUNCE: "annoncer au nom du serveur",
    Permission.HOLD_LESSON: "tenir un cours ou un contrôle",
    Permission.MUTE: "réduire au silence",
    Permission.DELETE_MESSAGES: "supprimer dans un salon les messages de qui a un rôle inférieur, lire ce que disait "
    "un message modifié ou supprimé",
    Permission.KICK: "expulser",
    Permission.BAN: "bannir une personne",
    Permission.SEE_CONNECTIONS: "voir les comptes, les connexions et leurs adresses",
    Permission.ADMINISTER: "entrer dans la console",
    Permission.SET_RULES: "dire qui écrit à qui, et quand (messages privés, heures calmes)",
    Permission.BAN_NETWORK: "bannir une adresse ou un réseau",
    Permission.CLOSE_CHANNEL: "fermer, rouvrir et renommer un salon",
    Permission.SEE_CHANNELS: "lire tous les salons, privés compris",
    Permission.MANAGE_ACCOUNTS: "créer et supprimer des comptes, changer leurs mots de passe",
    Permission.SET_ROLE: "donner un rôle",
    Permission.AUDIT: "lire le journal d'audit",
    Permission.EXPORT: "exporter",
    Permission.WATCH: "surveiller le serveur, apprendre ses ennuis",
    Permission.UPLOAD: "déposer des fichiers par sftp",
    Permission.RUN_SERVER: "régler et arrêter le serveur",
    Permission.READ_PRIVATE: "lire des messages privés, en donnant une raison",
    Permission.DOWNLOAD: "prendre exports et sauvegardes par sftp",
    Permission.RUN_PYTHON: "ouvrir une invite Python",
}

STATUSES = {
    DONE: "c'est fait",
    REFUSED: "refusé par le serveur : droit manquant, personne introuvable, serveur injoignable…",
    USAGE: "la commande est mal écrite, ou n'a pas été confirmée : rien n'a été fait",
}

OLDER_FORMS = {
    "KICK:bob": "la personne ne peut pas revenir avant 5 minutes",
    "BAN:bob": "**change de sens** : supprimait le compte. Ici le compte reste, et la réponse dit comment le supprimer",
    "KILL": "arrête le serveur",
    "ACCEPT:bob:Comptabilité": "le salon s'écrit avec ou sans `#`",
    "REJECT:bob:Informatique": "une raison peut suivre : `REJECT:bob:Informatique:Complet`",
}

FOLDERS = {
    ServedFolder.EXPORTS: "ce que `export` a écrit",
    ServedFolder.BACKUPS: "les copies de la base de données",
    ServedFolder.IMPORT: "ce que l'on dépose ; on ne peut pas le relire",
}

KEYS = (
    (("enter",), "exécute la ligne"),
    (("tab",), "complète une commande, une option, une personne, un salon ; deux fois : montre les possibilités"),
    (("ctrl-c",), "abandonne la ligne, ou arrête la commande en cours"),
    (("ctrl-d",), "sur une ligne vide, quitte ; sinon efface le caractère sous le curseur"),
    (("up", "ctrl-p"), "ligne précédente de l'historique"),
    (("down", "ctrl-n"), "ligne suivante"),
    (("ctrl-r",), "cherche dans l'historique ; encore : plus loin en arrière"),
    (("escape", "ctrl-g"), "abandonne la recherche"),
    (("left", "ctrl-b"), "un caractère à gauche"),
    (("right", "ctrl-f"), "un caractère à droite"),
    (("ctrl-left", "alt-left", "alt-b"), "un mot à gauche"),
    (("ctrl-right", "alt-right", "alt-f"), "un mot à droite"),
    (("home", "ctrl-a"), "début de la ligne"),
    (("end", "ctrl-e"), "fin de la ligne"),
    (("backspace",), "efface le caractère à gauche"),
    (("delete",), "efface le caractère sous le curseur"),
    (("ctrl-w",), "coupe l'argument à gauche"),
    (("alt-backspace",), "coupe le mot à gauche"),
    (("alt-d",), "coupe le mot à droite"),
    (("ctrl-u",), "coupe jusqu'au début de la ligne"),
    (("ctrl-k",), "coupe jusqu'à la fin de la ligne"),
    (("ctrl-y",), "remet ce qui a été coupé"),
    (("ctrl-l",), "efface l'écran"),
)

ANSWERS = {
    "Performed": {
        "status": "toujours `ok`",
        "notes": "ce qu'il en est, une phrase chacun : ce qui attend un redémarrage, ce qui sera enregistré plus tard",
    },
    "PersonInfo": {
        "name": "nom",
        "role": "rôle",
        "state": "état ; `console` pour qui est à la console",
        "since": "présent depuis",
        "addresses": "adresses ; `-` pour la machine du serveur",
        "sessions": "numéros de ses connexions",
    },
    "PersonTold": {
        "name": "nom du compte, ou de l'invité",
        "role": "rôle",
        "account": "faux pour un invité",
        "password_kept": "où est le mot de passe : `local`, `elsewhere` (annuaire, programme) ; `null` sans compte",
        "state": "état ; `offline` pour qui n'est pas là",
        "since": "présent depuis ; `null` pour qui n'est pas là",
        "addresses": "adresses d'où la personne est connectée",
        "sessions": "numéros de ses connexions",
        "channels": "salons dont elle est membre",
        "waits_for": "salons où elle demande à entrer",
        "sanctions": "sanctions en vigueur, comme dans `bans`",
    },
    "AccountInfo": {
        "name": "nom du compte",
        "role": "rôle",
        "online": "vrai si la personne est là",
        "added": "date de création",
    },
    "SessionInfo": {
        "session": "numéro de la connexion",
        "name": 'qui ; `""` pour qui ne s\'est pas identifié',
        "address": "adresse",
        "face": "entrée du serveur : `tcp`, `tls`, `ssh`, `control`, `sftp`",
        "dialect": "`classic` ou `modern`",
        "since": "date de connexion",
        "waiting": "octets envoyés que le client n'a pas lus",
    },
    "AccountMade": {
        "status": "`ok`",
        "user": "nom du compte",
        "password": "mot de passe inventé, montré cette seule fois ; `null` s'il a été choisi",
        "hint": "ce que vaut un mot de passe inventé ; `null` s'il a été choisi",
    },
    "MessageRow": {
        "id": "numéro, celui que prennent `--before` et `--after`",
        "at": "date",
        "channel": "salon ; `null` pour un message privé",
        "user": "qui a écrit",
        "to": "à qui, pour un message privé ; sinon `null`",
        "content": "texte",
        "state": '`edited` ou `deleted` ; `""` pour un message qui est ce qu\'il était',
    },
    "VersionInfo": {
        "at": "écrit le",
        "user": "qui l'a écrit",
        "content": "ce que le message disait alors",
        "sealed": "sous scellé : un autre que l'auteur a supprimé le message ; un `owner` lit le texte pour une raison",
    },
    "AuditRow": {
        "id": "numéro, croissant",
        "at": "date",
        "actor": "qui ; `server` pour le serveur lui-même, `null` si c'est effacé",
        "actor_address": "d'où",
        "action": "quoi ([liste](SECURITE.md#ce-qui-est-écrit))",
        "object_type": "sorte de ce qui a changé",
        "object_id": "son numéro ou son nom",
        "before": "ce que c'était, en JSON",
        "after": "ce que c'est devenu, en JSON",
    },
    "StatsTold": {
        "version": "version du serveur",
        "since": "date de démarrage",
        "uptime": "secondes depuis le démarrage",
        "connections": "connexions ouvertes, celle-ci comprise",
        "people": "personnes présentes",
        "accounts": "comptes",
        "channels": "salons",
        "last_message_id": "numéro du dernier message",
        "messages_per_second": "messages par seconde, sur une minute",
        "commit_p50": "secondes pour écrire un groupe sur le disque : médiane ; `null` s'il n'y en a pas eu",
        "commit_p99": "le même temps, que 99 groupes sur 100 ne dépassent pas",
        "group_size": "changements écrits ensemble, en moyenne",
        "queue": "changements qui attendent d'être écrits",
        "memory": "mémoire du serveur, en octets",
        "disk_free": "place libre sur le disque du serveur, en octets",
        "retention_run": "date et heure UTC du début de la dernière purge ; `null` s'il n'y en a pas eu",
        "retention_ended": "date et heure UTC de sa fin ; `null` tant qu'elle dure",
        "database": "taille de la base de données, en octets",
        "files": "fichiers que portent des messages, chaque contenu une fois",
        "file_bytes": "leurs octets",
        "lessons": "les cours et les contrôles en vigueur",
        "maintenance": "vrai si seuls les modérateurs et au-dessus entrent",
        "maintenance_reason": "le motif de la maintenance ; `null` s'il n'y en a pas",
        "quiet_until": "quand finit la pause numérique en cours ; `null` s'il n'y en a pas",
        "stops_at": "quand le serveur s'arrêtera, si quelqu'un l'a demandé ; `null` sinon",
        "starts_again": "vrai s'il redémarre alors ; `null` s'il ne s'arrête pas",
    },
    "MaintenanceTold": {
        "maintenance": "vrai si seuls les modérateurs et au-dessus entrent",
        "maintenance_reason": "le motif de la maintenance ; `null` s'il n'y en a pas",
    },
    "BackedUp": {
        "status": "`ok`",
        "file": "fichier de la sauvegarde",
        "bytes": "sa taille, en octets",
        "messages": "messages qu'elle contient",
        "accounts": "comptes qu'elle contient",
        "seconds": "temps qu'elle a pris, relecture comprise",
        "removed": "sauvegardes plus anciennes que les réglages ne gardent plus, et qui ont été retirées",
    },
    "BlockInfo": {
        "address": "adresse, ou réseau `/64` pour IPv6",
        "kind": "`blocked` : plus personne ne se connecte de là ; `guarded` : une salle de classe, où seuls les noms "
        "qui n'en sont jamais venus sont limités",
        "failures": "échecs qui l'ont provoqué",
        "since": "depuis",
        "until": "jusqu'à",
    },
    "MailTried": {
        "status": "`ok`",
        "relay": "serveur de courrier, et son port",
        "to": "à qui le courrier a été accepté",
        "said": "réponse du serveur de courrier",
        "refused": "adresses refusées, chacune avec la raison",
    },
    "VersionTold": {
        "version": "version de ClassCord",
        "python": "version de Python",
        "twisted": "version de Twisted",
        "sqlite": "version de SQLite",
    },
}
"""Of the answers that only the console gives, what each field means; of the others, words/ says it."""

PAGE = """\
# Administrer ClassCord

<!-- Produit par `make docs` à partir du code : ne pas modifier ici. -->

La console d'administration est dans le serveur même. On y entre par SSH, avec le client SSH ordinaire : il n'y a pas
de programme à installer, et pas d'accès au système de la machine. Comment elle est protégée, et ce qui est gardé de
ce que l'on y fait, est dans [SECURITE.md](SECURITE.md).

## Entrer

**La première fois.** Le premier démarrage crée le compte `admin`, de rôle `owner`, avec un mot de passe à usage
unique dans `DATA/first-password` (`DATA` est le dossier de données, `var` avec `make run`). La console le demande
encore une fois, puis en fait choisir un autre ; le fichier disparaît alors. Il ne fait entrer qu'une fois : si la
connexion tombe avant, `classcord ctl passwd admin`, sur la machine, en fait un autre.

    $ ssh -p 2222 admin@serveur

À la première connexion, SSH montre l'empreinte de la clé du serveur. Comparez-la avec celle que le serveur affiche au
démarrage (`Clé SSH du serveur`), puis répondez `yes`.

**Avec une clé**, sans mot de passe. Créez-en une si vous n'en avez pas (`ssh-keygen -t ed25519`), et mettez sa partie
publique dans `admin_keys/NOM.pub` sur la machine du serveur. Elle compte dans la seconde, sans redémarrage. NOM est
votre nom dans la console, et ce que l'on écrit avant `@` ; plus personne d'autre ne peut le prendre dans le chat. Ce
n'est le nom ni l'alias d'aucun compte, donc pas `admin` : tant que le compte existe, une telle clé ne compte pas, et
le journal du serveur le dit. Qui entre par une clé n'a pas de compte, ni le mot de passe d'un autre.

    $ cp ~/.ssh/id_ed25519.pub admin_keys/prof.pub
    $ ssh -p 2222 prof@serveur

Une clé donne le rôle `owner`, sauf si la ligne commence par une option. Options : `role="moderator"` ou
`role="admin"`, `from="10.0.0.0/8"` (adresses d'où elle compte), `expiry-time="20270701"` (jour où elle cesse de
compter). Elles se séparent par des virgules, sans espace :

    role="moderator",from="192.168.1.0/24",expiry-time="20270701" ssh-ed25519 AAAAC3Nza... alice

**Avec un mot de passe.** Un compte à partir du rôle `moderator` entre avec celui du chat. Le réglage
`[ssh] passwords = false` l'interdit.

**Sans SSH**, sur la machine du serveur : `classcord ctl` ouvre la même console, `classcord ctl who --json` exécute
une commande. Seuls l'utilisateur du serveur et root le peuvent ; leur rôle est `owner`. Avec un autre dossier de
données : `classcord ctl --data DOSSIER`.

La console parle français ou anglais selon la langue de votre terminal (`LANG`), sinon celle du serveur. `NO_COLOR` et
`TERM=dumb` sont respectés.

## Les commandes

« À partir de » est le rôle le plus bas qui peut la donner. Une commande « confirmée » dit d'abord ce qu'elle va faire,
et comment cela se défait s'il y a un moyen ; `--yes` y répond d'avance. Toutes acceptent `--json` et `--help`. `clear`
vide l'écran ; `exit`, `quit`, `logout` ou Ctrl-D quittent la console.

Un argument entre crochets peut manquer. Un argument suivi de `...` prend tout le reste de la ligne, espaces compris.
Un autre qui contient des espaces se met entre guillemets : `whois "Jean Dupont"`. Un mot de passe ne s'écrit
jamais dans la commande : la console le demande, ou en invente un.

Une durée s'écrit `30min`, `2h`, `1h30`, `7j`, `2sem`, `1j12h` ; avec ou sans espace (`7 jours`), en français ou en
anglais, de la plus grande unité à la plus petite. Un nombre seul, à la fin de la ligne, est en secondes. Elle se met
avant le texte : `ban bob 1h30 Triche`. **Ce qui peut se comprendre de deux façons est refusé**, avec la bonne forme :
`ban bob 1.5h` n'est pas une durée, `ban bob 10 insultes` non plus, `ban bob Triche 1h` en a peut-être une, `-yes` est
presque une option, `say dev Bonjour` a perdu son `#`. Un texte qui ressemble à autre chose se met entre guillemets
(`ban bob "Triche 1h"`), ou derrière `--reason` s'il commence par un nombre (`ban bob --reason "2e avertissement"`).
`ban bob pendant une semaine` et `kick bob jusqu'à lundi` sont refusés de même ; `shutdown` et `restart` ne prennent de
raison que derrière un délai (`5min`, `0` ou `now` pour tout de suite) ou avec `--reason`.
{overview}
## Chaque commande

Ce que montre `help COMMANDE`.
{commands}
`tail`, `trace`, `history` et `export` cachent les messages privés d'autrui. Un `owner` les voit s'il donne une raison
avec `--reason`, et cette raison est écrite dans le journal d'audit. `trace` ne montre jamais un mot de passe ; il cache
aussi un texte qui commence par `/`, car `/mp bob Bonjour` est un message privé.

`trace` suit une personne, une adresse, un réseau ou une connexion, aussi avant tout `login`, et les connexions qui
viennent après ; `>` est ce que le client envoie, `<` ce qu'il reçoit, `- closed by the client` et
`- closed by the server` disent qui a fermé, `[no end of line]` qu'une ligne n'avait pas de fin.
[ENSEIGNANTS.md](ENSEIGNANTS.md) en montre un exemple. `tail`, `trace` et `top` finissent par `q` ou Ctrl-C.

### Les formes des anciens serveurs

En majuscules ou non :

{older}
## Les rôles

Chaque rôle peut ce que peuvent ceux d'avant. On n'agit que sur qui est au-dessous de soi, et l'on ne donne qu'un rôle
au-dessous du sien ; un `owner` agit aussi sur un autre `owner`. Le dernier `owner` ne peut ni être supprimé ni
changer de rôle. Le fondateur d'un salon peut en changer le sujet.

{roles}
## Dans un script

    $ ssh -p 2222 prof@serveur who --json
    $ ssh -p 2222 prof@serveur kick bob 10m
    $ ssh -p 2222 prof@serveur < commandes.txt
    $ ssh -p 2222 prof@serveur export messages --format ndjson > messages.ndjson

Sans commande, chaque ligne de l'entrée est une commande, à un terminal aussi (`ssh -tt`, `plink`) ;
celles qui suivent un échec sont exécutées. Le statut est celui du dernier échec, 0 si tout a été fait. À la fin de
l'entrée, une dernière ligne sans fin de ligne est exécutée, une question sans réponse est refusée, `tail`, `trace` et
`top` s'arrêtent, et les commandes qui les suivent sont exécutées. Donnés comme commande à `ssh` ou à `classcord ctl`,
sans terminal, `tail` et `trace` suivent jusqu'à Ctrl-C ou la fin de la connexion, même si l'entrée est finie :

    $ ssh -n -p 2222 prof@serveur tail > tail.log

La réponse va sur la sortie, les refus sur la sortie d'erreur. Sans
`--json`, un tableau a une ligne par rangée, et une tabulation entre deux colonnes.

### Statut de sortie

{statuses}
Le client SSH lui-même finit par 255 s'il n'a pas pu entrer.

### Ce que répond `--json`

Une ligne de JSON. Les dates sont en UTC (RFC 3339), les durées en secondes, les tailles en octets, les phrases en
anglais. Ce qui n'a pas de valeur est `null`. Un refus est un objet `{{"error": {{"code": ..., "message": ...}}}}` sur
la sortie d'erreur, dont les codes sont ceux du [protocole](protocole.md#les-refus), et `message` est dans la langue de
la console. `export` écrit dans la forme que dit `--format`, et `tail`, `trace` et `top` écrivent des lignes à lire :
`--json` n'y change rien.
{answers}
## Fichiers par sftp

    $ sftp -P 2222 prof@serveur
    $ scp -P 2222 prof@serveur:/exports/users-20261120-203627.csv .

{folders}
Rien d'autre de la machine n'est visible, ni aucun dossier dans ceux-ci. Un fichier déposé a {limits.import_bytes}
octets au plus (réglage `[ssh] import_bytes`), le dossier `import` dix fois autant et {files} fichiers. À un terminal,
`export` écrit dans `exports` ; sans terminal, il écrit sur la sortie.

## L'invite Python

La commande `python` ouvre une invite Python **dans le serveur en marche** : tout ce qu'il sait faire est permis,
erreurs comprises. Elle demande le rôle `owner` et un terminal (`ssh -t`), et le réglage `[ssh] manhole = false` la
ferme, aussi celles qui sont ouvertes. Chaque ligne est écrite dans le journal d'audit avant d'être exécutée, `***` à
la place du mot de passe dans `password="..."` ; n'en écrivez pas ailleurs.

    >>> kick("bob", "10m", reason="Trop de bruit")
    >>> who()
    >>> len(hub.state.people)

Chaque commande est une fonction, de même nom et aux mêmes arguments, avec `_` au lieu de `-`
(`close_report(3, "acted")`, `search("oral", from_="bob")`). Il y a aussi `service` (le service du chat),
`hub` (les règles et l'état) et `send_system_message(to, content)`. Une coroutine ou un Deferred est attendu, et son
résultat montré quand il arrive. Ctrl-D revient à la console.

## Les touches

{keys}
Plusieurs lignes collées d'un coup sont montrées et, si vous le confirmez, exécutées une par une ; jamais jointes. Une
seule ligne collée reste à l'invite. Une réponse ou un mot de passe ne prend qu'une ligne. `help` se lit page par page :
espace, Entrée, `q`. `clear` vide l'écran, comme Ctrl-L.

L'historique de chacun est gardé d'une fois à l'autre. Une ligne qui commence par un espace n'y entre pas. Les avis du
serveur et les messages privés apparaissent au-dessus de la ligne en cours sans la couper.

## Les limites

Réglages de la section `[ssh]` : {limits.login_grace} secondes pour entrer, {limits.max_tries} essais par connexion,
{limits.max_connections} connexions à la fois, {limits.max_sessions} sessions par connexion, et une connexion muette
est fermée après {limits.idle_timeout} secondes. `0` lève une limite.
"""
