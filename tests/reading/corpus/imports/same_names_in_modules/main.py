import one
import two

one.run()
two.run()
