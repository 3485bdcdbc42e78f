"""A recording shown in the terminal, and handed to other programs line by line."""
