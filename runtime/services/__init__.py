"""What a compute stack consists of, one module for each program: its configuration, its processes, how to ask it."""
