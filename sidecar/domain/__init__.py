"""What the words mean: pure values and rules, no I/O, no clock reads."""
