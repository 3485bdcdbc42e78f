import collections


def make_entry():
    return []


def count(words):
    index = collections.defaultdict(make_entry)
    for word in words:
        index[word].append(word)
    return index


count(["a", "b"])
