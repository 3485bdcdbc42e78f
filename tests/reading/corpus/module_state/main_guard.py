# also: main_guard:<module> -> main_guard:main
def main():
    return work()


def work():
    return 1


def test():
    return main()


test()
if __name__ == "__main__":
    main()
