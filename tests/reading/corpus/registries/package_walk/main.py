from loader import load_classes

for cls in load_classes():
    cls().weigh()
