"""Sanctions: mutes, kicks and bans, of names and of networks."""
