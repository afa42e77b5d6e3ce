"""Floor 3: the administrators' console, which is no face: SSH and the control socket carry it.

`commands/` reads and shows commands, `lineedit/` edits a line, `terminal` and `script` run them for a person or a pipe.
"""
