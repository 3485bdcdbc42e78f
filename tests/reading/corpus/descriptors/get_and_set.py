class Positive:
    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, instance, owner):
        if instance is None:
            return self
        return self.read(instance)

    def __set__(self, instance, value):
        setattr(instance, self.name, value)

    def read(self, instance):
        return getattr(instance, self.name)


class Product:
    price = Positive()


product = Product()
product.price = 1
print(product.price)
