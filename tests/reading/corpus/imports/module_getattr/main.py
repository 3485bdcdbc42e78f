import lazy
from lazy import other

lazy.tool()
other()
