import shop.back.storage

shop.back.storage.store()
shop.front.greet()
