import json_format
import text_format


def render(formatter):
    return formatter.render()


for formatter in (json_format, text_format):
    render(formatter)
