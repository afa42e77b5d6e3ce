"""The words of what lines of many subjects have, and of what the schema says of a whole group of lines."""

from __future__ import annotations

ABOUT = "Une ligne du protocole de ClassCord. Produit par `make docs`."

FIELDS = {
    "type": "nom de la demande ou de l'événement",
    "id": 'repris tel quel dans la réponse, `0` et `""` compris',
    "id of an answer": "celui de la demande, si elle en avait un",
    "channel": "nom du salon ; sans lui, `#général`",
    "user": "la personne",
    "reason": "raison, 300 caractères au plus ; la personne visée la lit",
    "message_id": "numéro du message, croissant",
    "timestamp": "date et heure UTC (RFC 3339)",
    "status": "`ok`",
    "conversation": "clé de la conversation privée, au lieu d'un nom : telle que la donne `conversations`",
}

GROUPS = {
    "request": "Une demande d'un client, dans les deux dialectes. Après `hello`, un champ inconnu dont le nom "
    "ressemble à celui d'un champ de la demande est refusé, ce que ce schéma ne peut pas dire.",
    "answer": "La réponse à une demande, ou un refus ; dans le dialecte classique sans `id`.",
    "event": "Un événement du dialecte moderne.",
    "classic": "Un événement ou un refus du dialecte classique.",
}

ROWS = {
    "PersonFound": "a person",
    "ConversationInfo": "a conversation",
    "MissedInfo": "a conversation",
    "ChannelInfo": "a channel",
    "JoinRequestInfo": "a request",
    "HeldInfo": "a held message",
    "SanctionInfo": "a sanction",
    "OwnSession": "a session",
    "DataRow": "a thing kept",
    "FileShown": "a file",
    "PolicyRow": "a role",
    "CodeInfo": "a code",
    "ReportInfo": "a report",
    "ReportLineInfo": "a line of a report",
    "LessonInfo": "a lesson",
    "LessonShown": "a lesson",
    "RetentionRow": "a kind of record",
    "QuietPeriod": "a quiet period",
}
"""The rows of answers, and of what they are in FIELDS."""
