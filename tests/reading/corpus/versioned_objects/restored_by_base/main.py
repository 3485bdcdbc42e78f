# needs: oslo_versionedobjects
from things import Base, Box, Lid


def run():
    box = Box(size=2, lid=Lid(colour="red"))
    primitive = box.obj_to_primitive()
    restored = Base.obj_from_primitive(primitive)
    return restored.fields["size"].to_primitive(restored, "size", 3)


def changed(box, names):
    for name in names:
        setattr(box, name, 4)
    box.obj_reset_changes()


run()
changed(Box(), ["si" + "ze"])
