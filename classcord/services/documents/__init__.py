"""Documents to print: pdf.py writes PDF files; DejaVuSans.ttf has their letters (Latin, Greek, Cyrillic)."""
