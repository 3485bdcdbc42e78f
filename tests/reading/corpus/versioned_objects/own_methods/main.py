# needs: oslo_versionedobjects
import copy

from things import Box


def reset(box):
    box.obj_reset_changes(recursive=True)


def changes(box):
    return box.obj_get_changes()["part"].weigh()


def there_and_back(box):
    return Box.obj_from_primitive(box.obj_to_primitive())


def clone(box):
    return box.obj_clone(), copy.deepcopy(box)


def run():
    box = Box.filled()
    changes(box)
    there_and_back(box)
    clone(box)
    reset(box)


run()
