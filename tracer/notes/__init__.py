"""The notes that come with the program, and whether notes still fit a release and a recording."""
