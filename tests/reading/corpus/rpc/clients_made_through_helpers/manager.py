import oslo_messaging as messaging


class Manager:
    def __init__(self):
        self.tasks = []

    def record(self, name):
        self.tasks.append(name)


class ComputeManager(Manager):
    target = messaging.Target(version="5.3")

    def pause(self, context, name):
        self.record(name)

    def resume(self, context, name):
        self.record(name)

    def snapshot(self, context, name, image):
        return self._upload(image)

    def _upload(self, image):
        return image
