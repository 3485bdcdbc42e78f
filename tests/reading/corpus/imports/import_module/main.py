import tools

tools.act()
