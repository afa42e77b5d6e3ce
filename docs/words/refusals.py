"""The words of refusals: their fields, and what a client does about each code."""

from __future__ import annotations

FIELDS = {
    "code": "code stable, à tester par les programmes",
    "message": "phrase pour les personnes",
    "error": "la même phrase que `message`, pour les clients qui la cherchent ici",
    "field": "champ en cause",
    "retry_after": "secondes à attendre avant de réessayer, parfois avec une fraction (`0.5`)",
    "until of a refusal": "date et heure UTC à laquelle une sanction finit d'elle-même ; absent : elle ne finit pas",
}

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
    "invite_required": "demander un code d'invitation, et renvoyer avec `code`",
    "bad_invite": "montrer la phrase, et redemander le code",
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
    "held": "supprimer le message et l'écrire à nouveau",
    "pending": "montrer que la demande attend",
    "conflict": "relire l'état, et laisser choisir",
    "lesson": "montrer la phrase et `until` ; laisser écrire ensuite",
    "exam": "montrer la phrase et `until` ; laisser écrire, ou se reconnecter, ensuite",
    "private_closed": "montrer la phrase : elle dit à qui l’on peut écrire",
    "quiet_hours": "montrer la phrase et `until` ; laisser écrire des messages, qui seront remis ensuite",
    "muted": "montrer `until`, et laisser écrire ensuite",
    "kicked": "montrer la phrase ; se reconnecter après `until`",
    "banned": "montrer la phrase ; se reconnecter après `until`, s'il y est",
    "blocked": "avec `retry_after` : l'attendre avant de se reconnecter ; sans : montrer la phrase",
    "settings_refused": "montrer la phrase",
    "mail_not_sent": "montrer la phrase",
}
"""What a client does about a refusal."""
