"""What runs inside a traced service; standard library only."""
