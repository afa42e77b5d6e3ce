"""The words of what those ask who administer, at the console and on the wire alike.

Of their answers, the fields are explained in admin_words.py, once for both pages.
"""

from __future__ import annotations

from docs.admin_words import ANSWERS

ROWS = {
    "AccountInfo": "an account",
    "SessionInfo": "a connection",
    "AuditRow": "an entry",
}
FIELDS = {
    **{f"{field} of {row}": words for name, row in ROWS.items() for field, words in ANSWERS[name].items()},
    **{
        f"{field} of {name}": words
        for name in ("PersonTold", "StatsTold", "AccountMade")
        for field, words in ANSWERS[name].items()
    },
    "role of Accounts": "seulement les comptes de ce rôle",
    "search": "seulement les comptes dont le nom contient ce texte",
    "following": "seulement les noms qui viennent après celui-ci : le dernier de la page d'avant",
    "limit of Accounts": "nombre de comptes, 200 au plus ; à la console, tous",
    "accounts of AccountsListed": "comptes, dans l'ordre de leurs noms",
    "username of AddUser": "nom du compte",
    "role of AddUser": "rôle, plus bas que celui de qui le donne ; un `owner` les donne tous",
    "password of AddUser": "mot de passe ; sans lui, le serveur en invente un, pour une seule fois",
    "user of DelUser": "nom du compte",
    "user of Passwd": "nom du compte",
    "password of Passwd": "mot de passe ; sans lui, le serveur en invente un, pour une seule fois",
    "user of CheckElsewhere": "nom du compte",
    "user of CheckHere": "nom du compte",
    "password of CheckHere": "mot de passe ; sans lui, le serveur en invente un, pour une seule fois",
    "user of Whois": "la personne",
    "user of Sessions": "seulement les connexions de cette personne",
    "limit of Sessions": "nombre de connexions, 200 au plus : les plus récentes ; à la console, toutes",
    "sessions of SessionsListed": "connexions, la plus récente en dernier",
    "limit of Audit": "nombre d'entrées, 200 au plus ; à la console, 100 000",
    "actor of Audit": "seulement ce qu'a fait cette personne",
    "action of Audit": "seulement cette action ([liste](SECURITE.md#ce-qui-est-écrit))",
    "before of Audit": "seulement les entrées d'un numéro plus bas",
    "entries": "entrées du journal d'audit, la plus récente en dernier",
    "rows of RetentionTold": "chaque sorte de ce qui est gardé",
    "kept of a kind of record": "ce que c’est",
    "months of a kind of record": "combien de mois",
    "oldest of a kind of record": "le moment avant lequel rien ne reste",
    "expired of a kind of record": "combien partirait maintenant",
    "went of a kind of record": "combien est parti la dernière fois",
    "last_run": "quand la dernière purge a commencé, `null` s’il n’y en a pas eu",
    "run_ended": "quand elle a fini, `null` si elle est en cours",
    "next_run": "quand la prochaine commence",
    "leaving": "nombre de comptes dont la personne est partie et qui seront effacés",
    "unused": "octets du fichier de la base dont rien ne se sert",
    "notes": "ce qu'il faut encore savoir",
}

NOTES = {
    "passwd": "Le mot de passe inventé n'est dit que dans cette réponse ; il ouvre une seule session, qui doit le "
    "changer. Toutes les sessions du compte sont fermées. Le sien se change par `password`, avec l'ancien.",
    "password_elsewhere": "Le mot de passe d'ici est oublié, toutes les sessions du compte sont fermées. Refusé "
    "sans annuaire ni programme de connexion, et pour le dernier `owner` dont le mot de passe est ici.",
    "password_here": "Pour un compte que l'annuaire ou le programme a fait, ou que `password_elsewhere` y a mis. Ce "
    "que `passwd` dit du mot de passe inventé vaut ici aussi.",
    "audit": "La page d'avant : `before` avec le plus petit numéro de celle-ci.",
}
