import argparse


def size(text):
    return int(text)


def add(options):
    return added(options.size)


def remove(options):
    return options


def added(value):
    return value


def main(arguments):
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    adding = commands.add_parser("add")
    adding.add_argument("--size", type=size)
    adding.set_defaults(function=add)
    options = parser.parse_args(arguments)
    return options.function(options)


main(["add", "--size", "3"])
