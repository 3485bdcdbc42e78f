class Scorer:
    def score(self, item):
        return item

    def best(self, items):
        return max(items, key=self.score)

    def all(self, items):
        return list(map(self.score, items))


Scorer().best([1, 2])
Scorer().all([1, 2])
