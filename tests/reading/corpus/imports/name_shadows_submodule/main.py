import kit

kit.make()
