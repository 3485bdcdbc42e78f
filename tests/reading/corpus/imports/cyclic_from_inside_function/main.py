from left import start

start()
