class Session:
    def query(self):
        return 1


class Transaction:
    def __enter__(self):
        return Session()

    def __exit__(self, *error):
        self.commit()

    def commit(self):
        return 2


def run():
    with Transaction() as session:
        return session.query()


run()
