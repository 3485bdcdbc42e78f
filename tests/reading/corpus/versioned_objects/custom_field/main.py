# needs: oslo_versionedobjects
from shapes import Shape


def run():
    shape = Shape(size="3")
    return shape.size


run()
