from tools import *

act()
Thing().go()
