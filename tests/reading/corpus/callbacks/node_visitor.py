# also: node_visitor:<module> -> node_visitor:Names.visit_Name
# also: node_visitor:Names.visit_FunctionDef -> node_visitor:Names.visit_FunctionDef
import ast


class Names(ast.NodeVisitor):
    def visit_Name(self, node):
        return found(node.id)

    def visit_FunctionDef(self, node):
        self.generic_visit(node)


def found(name):
    return name


Names().visit(ast.parse("def f(): return x"))
