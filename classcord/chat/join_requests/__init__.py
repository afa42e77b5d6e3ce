"""Join requests: who asks to be a member of an approval channel, and who is admitted."""
