import re


def replacement(match):
    return upper(match.group(0))


def upper(text):
    return text.upper()


def convert(text):
    return re.sub("[a-z]", replacement, text)


convert("abc")
