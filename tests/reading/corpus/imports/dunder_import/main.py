__import__("objects.server")
__import__("objects.image")
import objects

objects.server.create()
objects.image.create()
