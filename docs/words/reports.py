"""The words of reports."""

from __future__ import annotations

FIELDS = {
    "format of Evidence": "`json`, ou `pdf` pour un document à imprimer",
    "user of Report": "sans `message_id` : la personne dont le dernier message que l'on peut lire est visé",
    "message_id of Report": "le message",
    "category": "ce dont il s'agit : `insult`, `harassment`, `threat`, `hate`, `violence`, `sexual`, `privacy`, "
    "`spam` ou `other`",
    "reason of Report": "raison, en une ligne",
    "report_id": "numéro du signalement",
    "report_id of a report": "numéro du signalement",
    "author of a report": "auteur du message",
    "reporter of a report": "qui a signalé ; vide pour qui ne modère que le salon",
    "outcome of a report": "l'issue ; `null` : il est ouvert",
    "message_id of a line of a report": "numéro du message",
    "mark of a line of a report": "`reported` : le message signalé",
    "deleted_by of a line of a report": "qui l'avait déjà supprimé",
    "thanks": "phrase à montrer, dans la langue de qui signale ; elle dit aussi où trouver de l'aide",
    "help_number": "numéro de téléphone de l'aide (réglage `[reports] help_number`) ; `null` : aucun",
    "closed of Reports": "`true` : ceux qui sont clos, au lieu de ceux qui attendent",
    "before of Reports": "numéro d'un signalement : ceux d'avant",
    "limit of Reports": "combien au plus (200)",
    "reports": "signalements, du plus ancien au plus récent",
    "outcome": "`acted` (il a eu une suite), `unfounded` (le message reste) ou `duplicate` (le fait était connu)",
    "reason of CloseReport": "raison, que lit aussi qui a signalé",
    "author": "auteur du message",
    "author_role": "rôle de l'auteur à ce moment-là",
    "channel of a report": "salon ; `null` : un message privé",
    "channel of ReportShown": "salon ; `null` : un message privé",
    "category of a report": "ce dont il s'agit, si qui signale l'a dit",
    "category of ReportShown": "ce dont il s'agit, si qui signale l'a dit",
    "reason of a report": "raison donnée par qui signale",
    "reason of ReportShown": "raison donnée par qui signale",
    "reporter": "qui a signalé ; vide pour qui ne modère que le salon",
    "closed_at": "quand il a été clos, date et heure UTC",
    "closed_by": "qui l'a clos",
    "message_id of ReportShown": "le message signalé",
    "lines": "copies du message et des lignes autour, telles qu'elles étaient",
    "at of a report": "date et heure UTC du signalement",
    "at of ReportShown": "date et heure UTC du signalement",
    "at of a line of a report": "date et heure UTC depuis laquelle le message dit cela",
    "user of a line of a report": "auteur",
    "content of a line of a report": "texte",
    "file of a line of a report": "fichier que porte le message ; son adresse reste bonne quand celui-ci est supprimé",
    "sha256": "empreinte de ce qui a été copié",
    "unchanged": "vrai si la copie a encore cette empreinte",
    "names_erased": "vrai si des personnes ont été effacées depuis : l’empreinte ne prouve alors plus rien",
    "chain": "numéro et empreinte de l'entrée `report-filed` du journal d'audit, pour `audit verify --head`",
    "document": "le dossier : `content` (ce qui a été copié), l'issue, les sanctions, les entrées du journal",
    "timestamp of Reported": "date et heure UTC",
    "state of Reported": "`open` : il vient d'arriver ; `closed` : il vient d'être clos",
    "author of Reported": "auteur du message",
    "channel of Reported": "salon ; `null` : un message privé",
}

EVENT_WORDS = {
    "reported": "pour qui peut le lire : un signalement est arrivé, ou est clos",
}

NOTES = {
    "report": "Un message que l'on peut lire, et qui n'est pas de soi ; un invité aussi signale, même un message privé "
    "reçu depuis qu'il est là. Le signalement contient une copie du message, de ses versions et de cinq lignes avant "
    "et après. Personne ne signale deux fois un message dont le signalement est ouvert (`conflict`) ; dix signalements "
    "par heure, vingt ouverts au plus. Qui est réduit au silence peut signaler. Dans le dialecte classique : "
    "`/signaler bob Insultes`.",
    "reports": "Les modérateurs d'un salon ont ceux de leur salon, sans le nom de qui signale et sauf ceux qui visent "
    "l'un d'eux ou qui modère le serveur. Un signalement est pour ceux qui modèrent, sauf "
    "l'auteur du message ; si l'auteur modère, pour ceux "
    "qui sont au-dessus de lui. Pour les autres, il n'existe pas (`not_found`).",
    "report_details": "Si le message est privé, le journal d'audit garde qui l'a lu.",
    "close_report": "Qui a signalé apprend l'issue et la raison, au besoin à sa prochaine connexion.",
}
