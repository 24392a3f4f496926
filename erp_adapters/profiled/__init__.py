"""What ERPs have in common that a profile describes, over whatever protocol: its form, and how answers are read."""
