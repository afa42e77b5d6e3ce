"""`classcord doctor`: its parser, its run, and `checks/`, what it looks at."""
