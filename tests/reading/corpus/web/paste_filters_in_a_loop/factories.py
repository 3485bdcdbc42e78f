class Either:
    def __init__(self, applications):
        self.applications = applications

    def __call__(self, environ, start_response):
        return self.applications[environ["QUERY_STRING"]](environ, start_response)


def load_pipeline(loader, names):
    filters = [loader.get_filter(name) for name in names[:-1]]
    application = loader.get_app(names[-1])
    filters.reverse()
    for put_before in filters:
        application = put_before(application)
    return application


def pipeline_factory(loader, global_conf, **local_conf):
    return Either(
        {
            "": load_pipeline(loader, local_conf["open"].split()),
            "closed=1": load_pipeline(loader, local_conf["closed"].split()),
        }
    )
