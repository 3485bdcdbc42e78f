class Door:
    def __init__(self):
        self.action = self.open

    def open(self):
        self.action = self.close
        return "open"

    def close(self):
        return "closed"

    def toggle(self):
        return self.action()


door = Door()
door.toggle()
door.toggle()
