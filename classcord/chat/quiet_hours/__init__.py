"""Quiet hours: evenings, nights, weekends, holidays; what pupils write then is kept, and delivered when they end."""
