"""The words of invitation codes."""

from __future__ import annotations

FIELDS = {
    "code of Register": "code d'invitation, comme on le tape : ni la casse, ni les espaces, ni les tirets ne comptent",
    "registration": "qui se fait un compte : `open` ; `invite`, qui a un code d'invitation ; `closed`, personne",
    "into": "salons où entrent les nouveaux comptes : ouverts, ou de ceux où l'on admet",
    "uses of MakeInvitationCode": "combien de comptes il fait",
    "days": "pendant combien de jours : 366 au plus, 7 sans ce champ",
    "role of MakeInvitationCode": "rôle des nouveaux comptes ; plus que `member` : pour un seul compte, 7 jours au "
    "plus, et seulement un rôle que l'on peut donner",
    "note": "pour s'y retrouver, 100 caractères au plus",
    "code_id": "numéro du code",
    "codes": "les codes, du plus ancien au plus récent",
    "code_id of a code": "numéro",
    "code of a code": "le code ; `null` s'il donne un rôle que l'on ne peut pas donner",
    "state of a code": "`usable` ; `used` : tous ses comptes sont faits ; `expired` ; `void` : qui l'a fait n'en a "
    "plus le droit",
    "used of a code": "comptes faits",
    "uses of a code": "sur combien",
    "role of a code": "rôle des nouveaux comptes",
    "channels of a code": "leurs salons",
    "until of a code": "date et heure UTC de sa fin",
    "made_by of a code": "qui l'a fait",
    "note of a code": "note",
    "code of CodeMade": "le code, à donner",
    "role of CodeMade": "leur rôle",
    "channels of CodeMade": "leurs salons",
    "until of CodeMade": "date et heure UTC de sa fin",
}

NOTES = {
    "invitation_code": "Par un code, des personnes se font elles-mêmes un compte, avec un rôle et des salons : quand "
    'il en faut un (réglage `[accounts] registration = "invite"`), et aussi quand l\'inscription est ouverte. Il est '
    "fait de douze lettres et chiffres, dont aucun ne se confond avec un autre à la lecture ni à l'oreille. Il vaut "
    "tant que qui l'a fait pourrait encore le faire. 200 codes au plus par personne.",
    "invitation_codes": "Les siens ; qui gère les comptes voit ceux de tous. Un code terminé n'y est plus, le journal "
    "d'audit s'en souvient.",
    "register": "Un code faux, épuisé, périmé ou terminé a toujours la même réponse, `bad_invite`. Après dix codes "
    "faux pour un même nom depuis une adresse, ou 200 depuis l'adresse (2 000 si elle est dans `shared_addresses`), il "
    "faut attendre.",
}
