"""`classcord chat`: a client of plain lines, for a terminal, for a pipe and for scripts.

conversation.py knows the protocol, slash.py what is typed, screen.py what is shown, modes.py what each way of use does
with them; connection.py and console.py touch the network and the terminal, driver.py runs them together.
"""

from classcord.cli.chat.command import configure

__all__ = ["configure"]
