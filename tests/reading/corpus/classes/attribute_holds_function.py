def shout():
    return "!"


def whisper():
    return "."


class Speaker:
    def __init__(self, voice):
        self.voice = voice

    def speak(self):
        return self.voice()


Speaker(shout).speak()
Speaker(whisper).speak()
