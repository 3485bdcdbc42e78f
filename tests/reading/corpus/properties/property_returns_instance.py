class Client:
    def send(self):
        return 1


class Service:
    @property
    def client(self):
        return Client()

    def run(self):
        return self.client.send()


Service().run()
