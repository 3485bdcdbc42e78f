# needs: oslo_utils
from oslo_utils import excutils


def fail():
    raise ValueError


def clean_up():
    return 1


def run():
    try:
        fail()
    except ValueError:
        with excutils.save_and_reraise_exception():
            clean_up()


def guarded():
    try:
        run()
    except ValueError:
        return None


guarded()
