class Image:
    def download(self):
        return Data()


class Data:
    def write(self):
        return 1


class Cache:
    def __init__(self):
        self.images = {}

    def get(self, name):
        image = self.images.get(name)
        if image is None:
            image = self.images[name] = Image()
        return image


def fetch(cache, name):
    return cache.get(name).download().write()


fetch(Cache(), "a")
