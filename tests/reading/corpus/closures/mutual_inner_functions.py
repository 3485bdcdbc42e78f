def parse(tokens):
    def expression():
        value = term()
        while tokens and tokens[0] == "+":
            tokens.pop(0)
            value += term()
        return value

    def term():
        token = tokens.pop(0)
        if token == "(":
            value = expression()
            tokens.pop(0)
            return value
        return int(token)

    return expression()


parse(["(", "1", "+", "2", ")", "+", "3"])
