"""`classcord import-users`: imports accounts of older servers and from lists.

older_files.py, csv_tables.py and encodings.py read other programs' files; importing.py checks and reports;
new_accounts.py stores.
"""
