"""`classcord import-users`: imports accounts of older servers and from lists.

older_files.py, and csv_tables.py read other programs' files; importing.py checks and reports;
new_accounts.py stores.
"""
