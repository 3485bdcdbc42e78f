def run(self):
    return self.name()


class Job:
    action = run

    def name(self):
        return "job"


Job().action()
