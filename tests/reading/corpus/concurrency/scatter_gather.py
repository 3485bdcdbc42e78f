from concurrent.futures import ThreadPoolExecutor


def scatter(cells, function, *args):
    results = {}

    def gather(cell, function, *args):
        results[cell] = function(cell, *args)

    with ThreadPoolExecutor() as pool:
        for cell in cells:
            pool.submit(gather, cell, function, *args).result()
    return results


def query(cell, name):
    return cell + name


def search():
    return scatter(["a", "b"], query, "x")


search()
