"""What every command shares when it talks to a person: errors with a remedy, and progress."""
