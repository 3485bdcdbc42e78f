from concurrent.futures import ThreadPoolExecutor, as_completed, wait


class Result:
    def __init__(self, name):
        self.name = name

    def show(self):
        return self.name


def fetch(name):
    return Result(name)


def gather(names):
    with ThreadPoolExecutor(2) as pool:
        jobs = {pool.submit(fetch, name): name for name in names}
        return [job.result().show() for job in as_completed(jobs)]


def first_of(names):
    with ThreadPoolExecutor(1) as pool:
        done, _ = wait([pool.submit(fetch, name) for name in names])
        return done.pop().result().show()


def noted(job):
    return finished(job.result())


def finished(result):
    return result.show()


def with_note(name):
    with ThreadPoolExecutor(1) as pool:
        job = pool.submit(fetch, name)
        wait([job])
        job.add_done_callback(noted)


gather(["a", "b"])
first_of(["c"])
with_note("d")
