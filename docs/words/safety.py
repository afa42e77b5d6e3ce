"""The words of what a school decides: who may write to whom, and when."""

from __future__ import annotations

FIELDS = {
    "policy": "`all` (tous à tous), `members` (les invités seulement avec qui encadre), `staff` (seulement avec qui "
    "encadre), ou les paires ouvertes : `guest>member,member>member`",
    "policy of PrivatePolicy": "de même ; `settings` : celle des réglages compte de nouveau ; absent : lire celle qui "
    "est en vigueur",
    "by_settings": "vrai si c'est celle des réglages",
    "meaning": "ce qu'elle veut dire, en une phrase",
    "roles of PrivatePolicyTold": "pour chaque rôle, ceux à qui il peut écrire",
    "roles of PrivatePolicyChanged": "pour chaque rôle, la liste de ceux à qui il peut écrire",
    "user of PrivatePolicyChanged": "qui l'a changée",
    "state of HoldLesson": "`on` : la tenir, ou la prolonger ; `off` : y mettre fin ; absent : dire ce qui est tenu",
    "state of HoldExam": "de même",
    "channel of HoldLesson": "le salon ; sans lui, tout le monde, dans tous les salons",
    "channel of HoldExam": "de même",
    "duration of HoldLesson": "secondes à partir de maintenant, douze heures au plus",
    "duration of HoldExam": "de même",
    "reason of HoldLesson": "de quoi il s'agit ; qui est concerné le lit",
    "reason of HoldExam": "de même",
    "write of HoldLesson": "`channel` : on n'écrit que dans ce salon (ainsi sans ce champ) ; `staff` : n'écrit que qui "
    "modère (ainsi sans salon)",
    "private of HoldLesson": "`staff` : en privé, seulement avec les modérateurs (ainsi sans ce champ) ; `policy` : "
    "comme d'habitude",
    "addresses of HoldExam": "adresses et réseaux de la salle, entre virgules : qui est concerné n'entre que de là",
    "lessons": "les cours et les contrôles en vigueur que l'on peut voir",
    "kind of a lesson": "`lesson` ou `exam`",
    "channel of a lesson": "le salon ; `null` : tout le monde ; vide : un salon privé où l'on n'est pas, et "
    "dont le contrôle vise aussi qui demande",
    "by of a lesson": "qui l'a commencé",
    "until of a lesson": "date et heure UTC à laquelle il finit de lui-même",
    "write of a lesson": "`channel` : qui est concerné n'écrit que dans le salon ; `staff` : nulle part",
    "write of LessonTold": "de même",
    "private of a lesson": "`staff` : en privé, seulement avec les modérateurs ; `policy` : comme d'habitude",
    "private of LessonTold": "de même",
    "addresses of a lesson": "les réseaux de la salle ; vide : on entre de partout",
    "people of a lesson": "les personnes présentes qui sont concernées",
    "reason of a lesson": "de quoi il s'agit",
    "kind of LessonTold": "`lesson` ou `exam`",
    "state of LessonTold": "`begun`, `prolonged`, `ended`, ou `held` : il est en vigueur quand on entre, ou dans "
    "le salon que l'on rejoint",
    "until of LessonTold": "date et heure UTC à laquelle il finit de lui-même",
    "channel of LessonTold": "le salon ; absent : tout le monde ; vide : un salon privé où l'on n'est pas",
    "user of LessonTold": "qui l'a fait ; absent quand il finit de lui-même",
    "reason of LessonTold": "de quoi il s'agit, si quelqu'un l'a dit",
    "state of QuietHours": "`off` : les suspendre ; `on` : qu'elles valent de nouveau ; absent : dire ce qui vaut",
    "duration of QuietHours": "secondes à partir de maintenant, 31 jours au plus ; avec `off`",
    "reason of QuietHours": "pourquoi ; le journal d'audit le garde",
    "quiet": "vrai si la pause numérique est en cours",
    "until of QuietHoursTold": "quand elle finit ; `null` si elle n'est pas en cours",
    "concerned of QuietHoursTold": "vrai si les messages de qui demande attendent alors",
    "suspended_until": "jusqu'à quand elle est suspendue ; `null` si elle ne l'est pas",
    "reason of QuietHoursTold": "pourquoi elle est suspendue",
    "exempt_channels": "les salons où l'on écrit à toute heure",
    "held_messages of QuietHoursTold": "combien de messages attendent sa fin ; `null` pour qui ne modère pas",
    "periods": "les prochaines, et celle qui est en cours",
    "since of a quiet period": "date et heure UTC à laquelle elle commence",
    "until of a quiet period": "date et heure UTC à laquelle elle finit",
    "state of QuietHoursChanged": "`begun`, `ended`, `suspended` (jusqu'à `until`), ou `held` : elle est en cours "
    "quand on entre, ou ne vaut plus dans les mêmes salons",
    "until of QuietHoursChanged": "quand elle finit, ou quand finit sa suspension ; absent quand elle est finie",
    "concerned of QuietHoursChanged": "faux, si les messages de qui l'entend n'attendent pas ; absent : ils attendent",
    "role of a role": "qui écrit",
    "may_write_to of a role": "les rôles à qui il peut écrire en privé",
}

EVENT_WORDS = {
    "private_policy": "qui écrit à qui en privé a changé",
    "lesson": "un cours ou un contrôle commence, se prolonge ou finit ; ou il est en vigueur quand on entre",
    "quiet_hours": "la pause numérique commence, finit, est suspendue ; ou elle est en cours quand on entre, ou "
    "ne vaut plus dans les mêmes salons",
}

NOTES = {
    "quiet_hours": "Chacun peut demander ; la suspend, et la rétablit, qui a au moins le rôle `admin`. Pendant la "
    "pause, un message, de salon ou privé, est gardé : la réponse est `held`, avec `why` égal à "
    "`quiet_hours` et `until` ; à la fin, il est remis, dans l'ordre, avec un nouveau numéro et l'heure "
    "de la remise, et son auteur entend `held_decided`. Une modification est refusée par `held` ; une "
    "réaction, une épingle, un sujet, un état libre, un profil, un nouveau salon par `quiet_hours` avec "
    "`until`. Qui encadre, les salons exemptés et les notes à soi-même n'attendent pas. `refuse` reprend "
    "un message qui attend.",
    "lesson": "Permis à partir de `moderator`, dans un salon que l'on voit, ou partout ; aux modérateurs d'un salon, "
    "dans le leur. Il concerne les membres du "
    "salon, sauf qui modère : ils n'écrivent que là (`channel`) ou nulle part (`staff`), sont refusés ailleurs par "
    "`lesson` avec `until`, et ne quittent pas le salon. Il finit de lui-même. La même demande encore le prolonge, à "
    "partir de maintenant. Qui se connecte ou rejoint le salon pendant ce temps l'apprend par le même événement, avec "
    "`held`, et `channels` le dit aussi. Qui est concerné par plusieurs : un contrôle l'emporte sur un cours, ce qui "
    "est à tous sur ce qui est à un salon ; de plusieurs cours, on écrit dans chaque salon ouvert.",
    "exam": "Comme `lesson`, mais plus strict : qui est concerné n'écrit qu'aux modérateurs, en privé, et rien de ce "
    "que d'autres liraient (un état libre, un profil, un salon, une invitation) n'est accepté : `exam`. Chacun a une "
    "session : la dernière ouverte, les autres sont fermées et qui modère l'apprend. Avec `addresses`, on n'entre que "
    "de là, et qui en vient est concerné, membre ou non ; sans `addresses`, les invités le sont tous.",
    "private_policy": "Chacun peut la lire ; la change qui a au moins le rôle `admin`. Qui encadre (à partir de "
    "`moderator`) écrit toujours à tous, et tous lui écrivent. Elle vaut pour tout ce qui va d'une personne à une "
    "autre : messages, commandes comme `/mp`, fichiers, réponses, réactions, épingles, modifications, `typing`, et "
    "l'invitation dans un salon privé. Ce qui est fermé est refusé par `private_closed`, dont la phrase dit à qui "
    "l'on peut écrire. Ce qui était accepté avant arrive encore, et se relit toujours.",
}
