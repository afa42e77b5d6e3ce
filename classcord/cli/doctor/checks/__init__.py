"""The checks of `classcord doctor`: what could disturb a server that runs all year, each finding with its remedy.

A check is a function of an Installation (what the settings say) and a Machine (the actual state). It yields findings
and changes nothing. The table `CHECKS` lists them.
"""

from classcord.cli.doctor.checks.findings import Finding, Level
from classcord.cli.doctor.checks.installation import Installation
from classcord.cli.doctor.checks.machine import Machine, ThisMachine, holder, is_held
from classcord.cli.doctor.checks.round import CHECKS, GENERAL, Examined, examine

__all__ = [
    "CHECKS",
    "GENERAL",
    "Examined",
    "Finding",
    "Installation",
    "Level",
    "Machine",
    "ThisMachine",
    "examine",
    "holder",
    "is_held",
]
