from .counter import Counter
from .front import serve_everyone as serve_all
