def pipeline_factory(loader, global_conf, **local_conf):
    return loader.get_app(local_conf["plain"])
