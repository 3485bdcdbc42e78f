"""What a compute stack consists of: for each program its configuration, its processes, how to ask it."""
