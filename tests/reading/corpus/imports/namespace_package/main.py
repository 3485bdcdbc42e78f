import space.inner.tool

space.inner.tool.act()
