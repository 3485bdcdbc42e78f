class Backend:
    def cache(self, fetch_func, filename, *args, **kwargs):
        def fetch_if_needed(target, *args, **kwargs):
            if not self.exists(target):
                fetch_func(target, *args, **kwargs)

        return self.create_image(fetch_if_needed, filename, *args, **kwargs)

    def exists(self, target):
        return False

    def create_image(self, prepare_template, base, *args, **kwargs):
        prepare_template(base, *args, **kwargs)


class Raw(Backend):
    def create_image(self, prepare_template, base, *args, **kwargs):
        prepare_template(base, *args, max_size=1, **kwargs)


def fetch_image(target, max_size=None):
    return download(target)


def download(target):
    return target


Raw().cache(fetch_image, "disk")
