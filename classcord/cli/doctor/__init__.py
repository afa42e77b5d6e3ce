"""`classcord doctor`: its parser, its run, and `checks/`, which has the checks."""
