def register_all():
    __import__("objects.server")
