class Client:
    def send(self):
        return 1


def install():
    original = Client.send

    def traced(self):
        note()
        return original(self)

    Client.send = traced


def note():
    return 2


install()
Client().send()
