# also: pickled:State.__setstate__ -> pickled:unpack
import pickle


class State:
    def __init__(self, value):
        self.value = value

    def __getstate__(self):
        return pack(self.value)

    def __setstate__(self, state):
        self.value = unpack(state)


def pack(value):
    return {"value": value}


def unpack(state):
    return state["value"]


def save(state):
    return pickle.dumps(state)


save(State(1))
