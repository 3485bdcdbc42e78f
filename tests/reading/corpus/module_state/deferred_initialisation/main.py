import hub


class Notifier:
    def info(self):
        return 1


def start():
    hub.init(Notifier)


def work():
    return hub.get_notifier().info()


start()
work()
