# needs: paste.deploy
import pathlib

import server

server.serve(str(pathlib.Path(__file__).with_name("api-paste.ini")))
