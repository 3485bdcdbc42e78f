class Cat:
    def speak(self):
        return "meow"


class Dog:
    def speak(self):
        return "woof"


def first():
    animal = Cat()
    animal.speak()
    animal = Dog()
    return animal


def second():
    animal = first()
    return animal.speak()


second()
