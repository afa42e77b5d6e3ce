"""The words of files that messages carry."""

from __future__ import annotations

FIELDS = {
    "file": "jeton d'un fichier téléversé, comme `upload` l'a donné ; le texte peut alors être vide",
    "file of UploadAdmitted": "jeton du fichier, que le message portera",
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
}

NOTES = {
    "upload": "Demande où téléverser un fichier, pour un message à venir dans ce salon ou à cette personne ; accordé "
    "ou refusé comme le serait ce message, selon le rôle (`[files] send`), la taille (`file_too_large`), ce que le "
    "compte et le salon ont envoyé en un jour (`rate_limited`, `retry_after`) et la place du serveur (`no_room`). Les "
    "octets, exactement `size`, vont à `url` par une requête HTTP `PUT`, une seule fois, à la même adresse que la page "
    "web. La réponse est un objet JSON : `file`, `name`, `type`, `size`, ou un refus comme ici (`file_type` pour un "
    "type que le serveur ne prend pas). Puis `message` porte le fichier par `file`, avec un texte ou sans, dans "
    "l'heure, du même compte et au même endroit ; sinon `not_found`. Un invité qui y a droit le fait dans sa session. "
    "Un client classique lit le nom du fichier et son adresse à la suite du texte. Quand le message est supprimé, "
    "l'adresse n'existe plus.",
}
