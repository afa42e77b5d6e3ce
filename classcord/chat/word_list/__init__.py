"""The word list: messages with a word of the school's list are held until a moderator has read them."""
