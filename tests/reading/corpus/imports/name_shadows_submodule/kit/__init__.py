from kit.make import make
