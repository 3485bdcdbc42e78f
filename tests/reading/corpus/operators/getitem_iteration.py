class Pages:
    def __getitem__(self, index):
        if index > 1:
            raise IndexError
        return self.page(index)

    def page(self, index):
        return index


def read():
    return [page for page in Pages()]


read()
