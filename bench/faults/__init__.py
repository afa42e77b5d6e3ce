"""What goes wrong in a real machine room, done to a real server: `python -m bench.faults [NAME...]`.

Each fault is a function that takes an empty folder and returns an Outcome; bench/README.md says what each does.
"""
