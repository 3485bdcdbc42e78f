"""What is done to a running stack while it is watched, through its public APIs."""
