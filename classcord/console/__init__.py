"""Floor 3: the administrators' console. It is not a face: SSH and the control socket carry it.

`commands/` parses and formats commands, `lineedit/` edits a line, `terminal` and `script` run them for a person or a
pipe.
"""
