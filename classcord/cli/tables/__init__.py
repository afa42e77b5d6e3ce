"""CSV tables as spreadsheets write them: their encoding (encodings.py) and their rows (csv_rows.py)."""
