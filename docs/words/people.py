"""The words of people: states, profiles, block lists, who is writing."""

from __future__ import annotations

FIELDS = {
    "search of FindPeople": "seulement les personnes dont le nom contient ce texte, accents et casse mis à part",
    "people of PeopleFound": "personnes trouvées, dans l'ordre des noms",
    "more of PeopleFound": "vrai s'il y en a d'autres : les demander avec `following`",
    "name of a person": "nom du compte",
    "role of a person": "rôle",
    "online of a person": "vrai si la personne est là, telle que les autres la voient",
    "alias": "autre nom, unique lui aussi",
    "first_name": "prénom",
    "last_name": "nom de famille",
    "email": "adresse électronique",
    "state": "mot court : `online`, `away`, `dnd`, `busy`, `invisible`, `offline`…",
    "user of Status": "soi-même ; ignoré, sauf juste après un `register` : le nom d'un autre ne connecte pas ce compte",
    "channel of Typing": "nom du salon ; absent d'une conversation privée",
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
    "users": "noms des personnes présentes",
}

EVENT_WORDS = {
    "status": "quelqu'un arrive, part ou change d'état",
    "typing": "quelqu'un est en train d'écrire",
    "profile_changed": "le profil de quelqu'un a changé",
}

NOTES = {
    "find_people": "Pour commencer une conversation privée : ceux à qui l'on peut écrire, d'après les rôles "
    "(`private_policy`), présents ou non. Les invités ne cherchent personne et ne sont pas trouvés (`users` donne ceux "
    "qui sont là) ; ni qui a quitté l'établissement, ni un compte effacé ou supprimé. Une liste de blocage ne cache "
    "personne : une absence dirait qui a bloqué qui.",
    "status": "Un état que l'on a déjà n'est pas annoncé une seconde fois.",
    "profile": "Sans autre champ, `profile` lit le sien, ou celui de `user` ; avec un champ, il change le sien, et la "
    "réponse est le profil comme il est alors. Un texte vide efface un champ. `alias` est un autre nom, que personne "
    "d'autre ne peut prendre et qui suit les règles de `register` ; `first_name` et `last_name` disent qui c'est, "
    "`status_text` est une phrase à côté de l'état : qui a un compte les lit. `email` sert à qui gère les comptes, qui "
    "le voit seul avec son propriétaire. Les invités n'ont pas de profil et n'en lisent pas. Si le mot de passe est "
    "gardé ailleurs (un annuaire), ce que l'annuaire dit du nom et de l'adresse revient à la prochaine connexion. Qui "
    "voit la personne présente apprend par `profile_changed` ce qui a changé.",
    "block": "D'une personne bloquée on ne lit plus de message privé : le sien est refusé (`blocked`), et elle "
    "l'apprend ainsi. On ne lui écrit pas non plus, puisqu'elle ne pourrait pas répondre. Les salons n'en savent rien. "
    "Ce qu'elle a envoyé avant arrive encore, et reste dans l'historique. Une liste appartient à un compte, vaut dans "
    "toutes ses sessions et dans les deux dialectes, et a 200 personnes au plus. On ne bloque ni soi-même, ni un "
    "invité, dont le nom peut être demain celui d'un autre, ni qui modère ; qui est bloqué et devient modérateur ne "
    "l'est plus tant qu'il modère.",
    "typing": "À envoyer au début d'un message, puis toutes les trois secondes tant qu'il s'écrit ; l'événement vaut "
    "environ cinq secondes, et cesse avec le message. Refusé comme le serait un message (`muted`, `read_only`, "
    "`not_in_channel`…), sinon acquitté, mais seulement si la demande a un `id`. Le serveur n'en montre rien "
    "quand la personne est invisible, moins de trois secondes après la dernière fois dans la même conversation, "
    "ni dans un salon que suivent plus de 200 sessions. Seuls les clients modernes des autres l'entendent.",
}
