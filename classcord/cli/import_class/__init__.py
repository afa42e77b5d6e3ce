"""`classcord import-class`: a class list becomes accounts, channels and slips; read again, it is compared first.

class_list.py reads the file, login_names.py names people, comparing.py says who is new, moved or gone, applying.py
stores it, slips.py writes what is handed out.
"""
