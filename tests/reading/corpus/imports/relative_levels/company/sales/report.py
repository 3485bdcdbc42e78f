from . import grand_total
from .. import common
from ..common import total
from .lines import line


def run():
    return line() + common.total() + total() + grand_total()
