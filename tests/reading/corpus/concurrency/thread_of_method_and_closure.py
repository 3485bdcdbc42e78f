import threading


class Service:
    def start(self):
        threads = [threading.Thread(target=self.serve), threading.Thread(target=self.make(), daemon=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def serve(self):
        return self.step()

    def make(self):
        def inner():
            return self.step()

        return inner

    def step(self):
        return 1


Service().start()
