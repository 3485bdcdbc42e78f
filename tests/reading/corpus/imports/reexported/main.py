from shop import Counter, serve_all

Counter().serve()
serve_all()
