"""`classcord import-users`: accounts of older servers and of lists are taken over.

older_files.py, csv_tables.py and encodings.py read what any program wrote; importing.py reports; newcomers.py stores.
"""
