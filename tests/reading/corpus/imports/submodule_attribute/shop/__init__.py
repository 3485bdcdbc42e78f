from shop import front
