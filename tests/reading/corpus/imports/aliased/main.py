import tools as t
from tools import act as perform

t.rest()
perform()
