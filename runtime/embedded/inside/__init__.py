"""What runs inside of the light variant's processes, on the services' own Python."""
