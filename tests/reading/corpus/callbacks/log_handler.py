import logging


class Collecting(logging.Handler):
    def emit(self, record):
        keep(record.getMessage())


class Named(logging.Formatter):
    def format(self, record):
        return record.name


def keep(text):
    return text


def talk(log):
    log.warning("told")


LOG = logging.getLogger("collected")
LOG.addHandler(Collecting())
LOG.propagate = False
talk(LOG)
