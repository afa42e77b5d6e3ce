"""Lessons and exams: who writes where until when, in a channel or everywhere."""
