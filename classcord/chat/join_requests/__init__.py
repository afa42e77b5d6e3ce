"""Join requests: people ask to be members of an approval channel, and are admitted or not."""
