class Square:
    def draw(self):
        return "square"


class Circle:
    def draw(self):
        return "circle"


def make(kind):
    if kind == "square":
        return Square()
    return Circle()


def show(kind):
    return make(kind).draw()


show("square")
show("circle")
