"""`classcord chat`: a line-based client, for a terminal, for a pipe and for scripts.

conversation.py knows the protocol, slash.py reads what is typed, screen.py formats what is shown, modes.py has the
three ways of use; server_connection.py and console.py access the network and the terminal, driver.py runs the loop.
"""

from classcord.cli.chat.command import configure

__all__ = ["configure"]
