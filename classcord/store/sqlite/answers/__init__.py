"""The answers to the questions of the rules, a module a subject. An import of this package registers them all."""

from classcord.store.sqlite.answers import conversations as conversations
from classcord.store.sqlite.answers import details as details
from classcord.store.sqlite.answers import files as files
from classcord.store.sqlite.answers import messages as messages
from classcord.store.sqlite.answers import personal as personal
from classcord.store.sqlite.answers import pins as pins
from classcord.store.sqlite.answers import profiles as profiles
from classcord.store.sqlite.answers import reactions as reactions
from classcord.store.sqlite.answers import reports as reports
from classcord.store.sqlite.answers import resends as resends
from classcord.store.sqlite.answers import resuming as resuming
from classcord.store.sqlite.answers import retention as retention
from classcord.store.sqlite.answers import search as search
from classcord.store.sqlite.answers.registry import answer as answer
