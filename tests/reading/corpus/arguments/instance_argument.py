class Cat:
    def speak(self):
        return "meow"


class Dog:
    def speak(self):
        return "woof"


def listen(animal):
    return animal.speak()


def chorus(*animals):
    return [listen(animal) for animal in animals]


chorus(Cat(), Dog())
