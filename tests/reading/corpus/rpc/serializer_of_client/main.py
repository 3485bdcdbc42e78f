"""The program is driven by ``drive.py``; importing this module starts nothing."""
