"""`classcord doctor`: what stands in the way of a server that runs all year, each finding with its remedy.

A check is a function of a Patient (what the settings say) and a Machine (what there is); it yields findings and changes
nothing. The table of them is `CHECKS`.
"""

from classcord.cli.doctor.checks.findings import Finding, Level
from classcord.cli.doctor.checks.machine import Machine, ThisMachine, holder, is_held
from classcord.cli.doctor.checks.patient import Patient
from classcord.cli.doctor.checks.round import CHECKS, GENERAL, Examined, examine

__all__ = [
    "CHECKS", "GENERAL", "Examined", "Finding", "Level", "Machine", "Patient", "ThisMachine", "examine", "holder",
    "is_held",
]  # fmt: skip
