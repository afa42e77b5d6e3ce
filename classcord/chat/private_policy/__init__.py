"""The private policy: who may write privately to whom, by their roles. Who keeps order can always be written to."""
