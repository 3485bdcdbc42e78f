def register_all():
    __import__("objects.server")
    __import__("objects.image")
