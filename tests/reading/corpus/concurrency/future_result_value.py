from concurrent.futures import ThreadPoolExecutor, as_completed


class Report:
    def show(self):
        return 1


def build():
    return Report()


def run():
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(build)]
        for future in as_completed(futures):
            future.result().show()


run()
