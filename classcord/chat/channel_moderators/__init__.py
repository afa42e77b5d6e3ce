"""The moderators of a channel: members who keep order in it alone."""
