class Report:
    def render(self):
        return self.header() + self.body() + self.footer()

    def header(self):
        return "h"

    def body(self):
        raise NotImplementedError

    def footer(self):
        return "f"


class Sales(Report):
    def body(self):
        return "sales"


class Costs(Report):
    def body(self):
        return "costs"

    def footer(self):
        return "c"


for report in (Sales(), Costs()):
    report.render()
