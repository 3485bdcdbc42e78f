"""Changes of a file's text made by chance: some only add something, some do not."""

from __future__ import annotations

import ast
import random
import textwrap
from collections.abc import Callable, Iterator

from tests.bench.mutants import Function, bodies
from tests.reading.changed_text import Text, parameters, written

BUILTIN_CALLS = ('print("there")', "sorted([3, 1])", 'dict(first="one").get("first")', "len(str(7))")
NAME = "added_by_chance"


def _module_calls(text: Text) -> Iterator[str]:
    """Calls that any function of the file may make."""
    yield text.choice.choice(BUILTIN_CALLS)
    name = text.one(text.imported())
    if name:
        yield f'{name}.anything("one", key=2)'
    name = text.one(text.plain(text.tree.body))
    if name:
        yield f"{name}({text.choice.choice(('', '1', NAME))})"


def _body(text: Text) -> str:
    kind = text.choice.randrange(4)
    calls = list(_module_calls(text))
    if kind == 0:
        return "    pass"
    if kind == 1:
        return f"    return {calls[-1]}"
    lines = [f"    {NAME} = [1, {{}}]", *(f"    {call}" for call in calls)]
    if kind == 3:
        lines += [f"    for one in {NAME}:", "        if one:", "            return one.name", "    return 2"]
    return "\n".join(lines)


def comment(text: Text) -> str | None:
    statement = text.statement(text.tree.body)
    return text.before(statement, "# Something is said here.\n") if statement is not None else None


def function(text: Text) -> str | None:
    statement = text.statement(text.tree.body)
    given = text.choice.choice(("", "first", "first, second=None", "*given, **named"))
    new = f"def {NAME}_function({given}):\n{_body(text)}\n\n"
    return text.before(statement, new) if statement is not None else None


def method(text: Text) -> str | None:
    classes = text.classes()
    if not classes:
        return None
    cls = text.choice.choice(classes)
    statement = text.statement(cls.body)
    sibling = text.one(text.plain(cls.body))
    more = f"\n    self.{sibling}(self)" if sibling and text.choice.random() < 0.5 else ""
    new = f"def {NAME}_method(self):\n    {text.choice.choice(BUILTIN_CALLS)}{more}\n"
    return text.before(statement, new) if statement is not None else None


def call(text: Text) -> str | None:
    """A function calls a sibling with parameters of its own."""
    classes: list[ast.AST] = [*text.classes(), text.tree]
    owner = text.choice.choice(classes)
    among = [one for one in owner.body if isinstance(one, Function)]  # type: ignore[attr-defined]
    if not among:
        return None
    caller = text.choice.choice(among)
    callee = text.one(text.plain(owner.body))  # type: ignore[attr-defined]
    given = parameters(caller)
    statement = text.statement(text.choice.choice(list(bodies(caller))))
    if not callee or statement is None:
        return None
    if isinstance(owner, ast.ClassDef):
        if not given or given[0] != "self":
            return None
        return text.before(statement, f"self.{callee}({', '.join(given[1:])})")
    return text.before(statement, f"{callee}({', '.join(given)})")


def log(text: Text) -> str | None:
    """A function logs, as others of the file do, or to what is bound in a line of its own."""
    found = text.in_function()
    named = any(line.startswith("LOG = ") for line in text.lines)
    if found is None or not named:
        return None
    new = text.choice.choice(
        ('LOG.debug("There was %s", 1)', 'LOG.info("There")', 'LOG.debug("There", {"a": 1})')
    )
    return text.before(found[1], new)


def assignment(text: Text) -> str | None:
    """A local variable that nothing reads."""
    found = text.in_function()
    if found is None:
        return None
    given = [*parameters(found[0]), '"text"', "[1, 2]", "len", "str(3)"]
    return text.before(found[1], f"{NAME} = {text.choice.choice(given)}")


def guard(text: Text) -> str | None:
    """A function returns early."""
    found = text.in_function()
    if found is None or not parameters(found[0]):
        return None
    tested, given = text.one(parameters(found[0])), text.one(["", "", *parameters(found[0])])
    return text.before(found[1], f"if {tested}:\n    return {given}".rstrip())


def early_global(text: Text) -> str | None:
    """A function reads a global name, before any other statement of it does."""
    found = text.in_function()
    if found is None:
        return None
    names = [*text.imported(), *text.plain(text.tree.body), "isinstance", "sorted"]
    body = found[0].body
    first = body[1] if len(body) > 1 and ast.get_docstring(found[0]) is not None else body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return None
    return text.before(first, f"{text.one(names)}({NAME})")


def nested(text: Text) -> str | None:
    """A function defines another, which reads its parameters."""
    found = text.in_function()
    if found is None:
        return None
    read = text.one(parameters(found[0])) or "1"
    new = f"def {NAME}():\n    return {read}" if text.choice.random() < 0.5 else f"{NAME} = lambda: {read}"
    return text.before(found[1], new)


def statement(text: Text) -> str | None:
    """A function does something with what it was given, or with itself."""
    found = text.in_function()
    if found is None:
        return None
    one, two = (text.one(parameters(found[0])) or "None" for _ in range(2))
    functions = text.one(text.plain(text.tree.body)) or "print"
    classes = text.one([node.name for node in text.tree.body if isinstance(node, ast.ClassDef)]) or "dict"
    new = text.choice.choice(
        (
            f"{NAME} = {{'one': {one}, 'two': [{two}]}}\n{NAME}['two'].append({one})",
            f"for {NAME} in ({one}, {two}):\n    print({NAME})",
            f"{NAME} = {classes}({one})\n{NAME}.made = {two}",
            f"{one}.{NAME} = {two}",
            f"{one}.{NAME}({two})",
            f"{NAME} = list(map({functions}, [{one}]))",
            f"{NAME} = sorted([{one}], key=lambda one: {functions}(one))",
            f"{NAME} = [{functions}(one, {two}) for one in {one}]",
            f"try:\n    {functions}(*{one})\nexcept (ValueError, TypeError) as {NAME}:\n    print({NAME})",
            f"with {one} as {NAME}:\n    {NAME}.go({two})",
            f"if isinstance({one}, {classes}):\n    {one}.close()",
            f"getattr({one}, 'go')({two})",
            f"print(f'{{{one}}} of {{{functions}({two})}}')",
        )
    )
    return text.before(found[1], new)


def derived_class(text: Text) -> str | None:
    """A class is derived from another of the file and does something else in one method."""
    classes = [node for node in text.tree.body if isinstance(node, ast.ClassDef)]
    if not classes:
        return None
    base = text.choice.choice(classes)
    method = text.one(text.plain(base.body)) or "show"
    at = text.statement(text.tree.body[text.tree.body.index(base) + 1 :])
    new = (
        f"class Derived{base.name}({base.name}):\n    def {method}(self, *given):\n"
        f"        return super().{method}(*given)\n\n"
    )
    return text.before(at, new) if at is not None else None


def decorated(text: Text) -> str | None:
    """A function is defined, wrapped in another one."""
    at = text.statement(text.tree.body)
    wrapper = text.one([*text.plain(text.tree.body), "staticmethod"])
    new = f"@{wrapper}\ndef {NAME}_wrapped(one=1):\n    yield one\n\n"
    return text.before(at, new) if at is not None else None


def new_class(text: Text) -> str | None:
    statement = text.statement(text.tree.body)
    base = text.one([node.name for node in text.tree.body if isinstance(node, ast.ClassDef)])
    if text.choice.random() < 0.5:
        base = ""
    name = "".join(part.title() for part in NAME.split("_"))
    new = (
        f"class {name}({base}):\n    kind = 'added'\n\n    def __init__(self, given=None):\n"
        f"        self.given = given\n\n    def show(self):\n        return str(self.given)\n\n"
    )
    return text.before(statement, new) if statement is not None else None


def new_import(text: Text) -> str | None:
    statement = text.statement(text.tree.body)
    new = text.choice.choice((f"import {NAME}", f"from os import path as {NAME}", f"import os as {NAME}"))
    return text.before(statement, new) if statement is not None else None


def copied_definition(text: Text) -> str | None:
    """A function, method or class is there once more under another name."""
    owners: list[ast.Module | ast.ClassDef] = [text.tree, *text.classes()]
    owner = text.choice.choice(owners)
    among = [one for one in owner.body if isinstance(one, Function | ast.ClassDef) and one.name[:2] != "__"]
    at = text.statement(owner.body)
    if not among or at is None:
        return None
    one = text.choice.choice(among)
    keyword = "class" if isinstance(one, ast.ClassDef) else "def"
    new = written(text, one).replace(f"{keyword} {one.name}", f"{keyword} {one.name}_{NAME}", 1)
    return text.before(at, f"{new}\n")


def copied_statement(text: Text) -> str | None:
    """A function does what another one does, or does something again."""
    target, origin = text.in_function(), text.in_function()
    if target is None or origin is None:
        return None
    if text.choice.random() < 0.5:
        origin = target
    return text.before(target[1], written(text, origin[1]))


def other_branch(text: Text) -> str | None:
    """A condition gets another branch."""
    found = [
        node
        for node in ast.walk(text.tree)
        if isinstance(node, ast.If) and node.orelse and not isinstance(node.orelse[0], ast.If)
    ]
    if not found:
        return None
    node = text.choice.choice(found)
    body = written(text, text.choice.choice(node.body))
    line = node.orelse[0].lineno
    while line > node.body[-1].lineno and text.lines[line - 1].strip() != "else:":
        line -= 1
    tested = ast.unparse(node.test)
    new = f"elif not ({tested}):\n{textwrap.indent(body, '    ')}"
    return text.inserted(line, new, node.col_offset) if text.lines[line - 1].strip() == "else:" else None


def member(text: Text) -> str | None:
    """A class has something more in its body."""
    classes = text.classes()
    if not classes:
        return None
    cls = text.choice.choice(classes)
    at = text.statement(cls.body)
    methods = text.one(text.plain(cls.body)) or "len"
    new = text.choice.choice(
        (
            f"{NAME} = 'one'",
            f"{NAME} = {{'one': len}}",
            f"{NAME} = property(lambda self: self.{methods}())",
            f"@property\ndef {NAME}(self):\n    return self.{methods}\n",
            f"@staticmethod\ndef {NAME}(one, *more):\n    yield from more\n",
            f"@classmethod\ndef {NAME}(cls, **named):\n    return cls(**named)\n",
            f"def {NAME}(self, given=print):\n    for one in self.{methods}(given):\n        yield one\n",
            f"def {NAME}(self):\n    self.{NAME}_kept = self.{methods}\n    return self.{NAME}_kept(self)\n",
            f"def {NAME}(self, name):\n    return getattr(self, name)(self)\n",
        )
    )
    return text.before(at, new) if at is not None else None


def read_attribute(text: Text) -> str | None:
    """A function reads an attribute, or an item, that others of the file read."""
    found = text.in_function()
    read = [
        ast.unparse(node)
        for node in ast.walk(text.tree)
        if isinstance(node, ast.Attribute | ast.Subscript) and isinstance(node.ctx, ast.Load)
    ]
    if found is None or not read:
        return None
    new = text.choice.choice(
        ("{0} = {1}", "print({1})", "{0} = {1}()", "for {0} in {1}:\n    pass", "del {1}")
    )
    return text.before(found[1], new.format(NAME, text.one(read)))


def table(text: Text) -> str | None:
    """A module has a table of functions, or calls something while it is imported."""
    at = text.statement(text.tree.body[1:])
    names = [*text.plain(text.tree.body), *(node.name for node in text.classes()), "len", "str"]
    one, two = text.one(names), text.one(names)
    new = text.choice.choice(
        (
            f"{NAME.upper()} = {{'one': {one}, 'two': {two}}}",
            f"{NAME.upper()} = [{one}, {two}]",
            f"{NAME} = {one}",
            f"{NAME} = {one}()",
            f"if {one}:\n    {NAME} = {two}\nelse:\n    {NAME} = None",
            f"def {NAME}(*given):\n    global {NAME}_kept\n    {NAME}_kept = {one}(*given)\n",
            f"def {NAME}(one, two={two}):\n    return [two(each) for each in one]\n",
        )
    )
    return text.before(at, new) if at is not None else None


ADDING: dict[str, Callable[[Text], str | None]] = {
    "function": function,
    "method": method,
    "call": call,
    "log call": log,
    "assignment": assignment,
    "early return": guard,
    "early global": early_global,
    "nested function": nested,
    "class": new_class,
    "import": new_import,
    "derived class": derived_class,
    "decorated function": decorated,
    "copied definition": copied_definition,
    "member": member,
    "attribute read": read_attribute,
    "table": table,
}


def constant(text: Text) -> str | None:
    """Another string."""
    found = [
        node
        for function in text.functions()
        for statement in function.body
        if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
    ]
    return text.replaced(text.choice.choice(found), f'"{NAME}"') if found else None


def removed(text: Text) -> str | None:
    """A statement is gone."""
    found = text.in_function()
    if found is None or not isinstance(found[1], ast.Expr | ast.Assign | ast.Return):
        return None
    return text.replaced(found[1], "pass")


def replaced_call(text: Text) -> str | None:
    """Something else is called."""
    found = [node for node in ast.walk(text.tree) if isinstance(node, ast.Call)]
    names = [*text.plain(text.tree.body), "len"]
    return text.replaced(text.choice.choice(found).func, text.one(names)) if found else None


def swapped_arguments(text: Text) -> str | None:
    """A call gets its arguments in another order."""
    found = [
        node
        for node in ast.walk(text.tree)
        if isinstance(node, ast.Call) and len(node.args) > 1 and not node.keywords
    ]
    if not found:
        return None
    call = text.choice.choice(found)
    args = ", ".join(map(ast.unparse, (*call.args[1:], call.args[0])))
    return text.replaced(call, f"{ast.unparse(call.func)}({args})")


def another_name(text: Text) -> str | None:
    """Another variable, or attribute, is read."""
    found = [node for node in ast.walk(text.tree) if isinstance(node, ast.Name | ast.Attribute)]
    if not found:
        return None
    node = text.choice.choice(found)
    if isinstance(node, ast.Name):
        return text.replaced(node, NAME)
    return text.replaced(node, f"{ast.unparse(node.value)}.{NAME}")


OTHERWISE: dict[str, Callable[[Text], str | None]] = {
    "constant": constant,
    "removed statement": removed,
    "replaced call": replaced_call,
    "swapped arguments": swapped_arguments,
    "another name": another_name,
}
BEARING: dict[str, Callable[[Text], str | None]] = {
    "statement": statement,
    "copied statement": copied_statement,
    "other branch": other_branch,
}
"""What adds statements that may bind names of others anew, or tell more of what they hold."""
CHANGES: dict[str, Callable[[Text], str | None]] = {"comment": comment, **ADDING, **BEARING, **OTHERWISE}


def changed(kind: str, source: str, choice: random.Random, tries: int = 20) -> str | None:
    """``source`` with a change of this kind; None where none was found that Python accepts."""
    make = CHANGES[kind]
    text = Text(source, choice)
    for _ in range(tries):
        new = make(text)
        if new is None or new == source:
            continue
        try:
            compile(new, "changed", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            continue
        return new
    return None
