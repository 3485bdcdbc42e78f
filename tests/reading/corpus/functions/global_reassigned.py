def quiet():
    return ""


def loud():
    return "!"


speak = quiet


def configure():
    global speak
    speak = loud


def talk():
    return speak()


talk()
configure()
talk()
