class Box:
    def get_size(self):
        return 1

    def set_size(self, value):
        self._size = value

    size = property(get_size, set_size)


box = Box()
box.size = box.size + 1
