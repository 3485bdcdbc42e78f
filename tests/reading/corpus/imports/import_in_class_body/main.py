class Holder:
    from tools import act
    import tools as kit

    def run(self):
        return self.act() + self.kit.plain()


Holder().run()
