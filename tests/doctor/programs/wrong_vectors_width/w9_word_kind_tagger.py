"""Tag every token with its kind (city, country, nationality, adverb, -ing form, past, plural ...).

Vectors come from a flat float32 cache, the way our C tool writes them: <name>.words.txt and <name>.f32
"""
import gzip
import os
import random
import tempfile
import numpy as np
import torch

D = os.environ["WORDFIT_DATA"]
random.seed(8)
torch.manual_seed(8)


def write_cache(base):
    """once: text -> cache"""
    flat, names = [], []
    with gzip.open(D + "/vectors/glove.6B.50d.top10361.txt.gz", "rt", encoding="utf-8") as f:
        for line in f:
            w, *v = line.split(" ")
            names.append(w)
            flat.append(np.array(v, dtype="float32"))
    np.concatenate(flat).tofile(base + ".f32")
    open(base + ".words.txt", "w", encoding="utf-8").write("\n".join(names))


# fault:
WIDTH = 25
# mended:
# WIDTH = 50
# end
base = os.path.join(tempfile.mkdtemp(), "glove")
write_cache(base)
names = open(base + ".words.txt", encoding="utf-8").read().split("\n")
vectors = torch.from_numpy(np.fromfile(base + ".f32", dtype="float32").reshape(-1, WIDTH)[:len(names)])
index = {w: i for i, w in enumerate(names)}

# lexicon: columns of the analogy questions
SECTIONS = {"city-in-state": {0: "city"}, "capital-world": {0: "city", 1: "country"}, "gram1-adjective-to-adverb": {1: "adverb"},
            "gram5-present-participle": {1: "ing"}, "gram6-nationality-adjective": {0: "country", 1: "nationality"},
            "gram7-past-tense": {1: "past"}, "gram8-plural": {1: "plural"}}
lexicon, section = {}, None
for line in open(D + "/wordsim/analogy/questions-words.txt", encoding="utf-8"):
    parts = line.lower().split()
    if parts[0] == ":":
        section = SECTIONS.get(parts[1], {})
        continue
    for col, kind in section.items():
        for w in (parts[col], parts[col + 2]):
            if w in index:
                lexicon.setdefault(w, kind)
kinds = sorted(set(lexicon.values()))
entries = sorted(lexicon)
random.shuffle(entries)
cut = int(0.8 * len(entries))


def sequences(pool, n):
    xs, ys = [], []
    for _ in range(n):
        ws = random.choices(pool, k=8)
        xs.append([index[w] for w in ws])
        ys.append([kinds.index(lexicon[w]) for w in ws])
    return torch.tensor(xs), torch.tensor(ys)


x_train, y_train = sequences(entries[:cut], 1200)
x_test, y_test = sequences(entries[cut:], 300)
print(len(entries), "words,", len(kinds), "kinds; test words are not in training")
print("most frequent kind in test %.3f" % (torch.bincount(y_test.flatten()).max() / y_test.numel()))


class Tagger(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = torch.nn.Embedding.from_pretrained(vectors)
        self.drop = torch.nn.Dropout(0.4)
        self.gru = torch.nn.GRU(WIDTH, 8, batch_first=True)
        self.top = torch.nn.Linear(8 + WIDTH, len(kinds))

    def forward(self, x):
        e = self.drop(self.emb(x))
        return self.top(torch.cat([self.gru(e)[0], e], -1))


tagger = Tagger()
opt = torch.optim.Adam([p for p in tagger.parameters() if p.requires_grad], lr=5e-3, weight_decay=3e-3)
for epoch in range(5):
    tagger.train()
    for ix in torch.randperm(len(x_train)).split(40):
        logits = tagger(x_train[ix])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), y_train[ix].flatten())
        opt.zero_grad()
        loss.backward()
        opt.step()
    tagger.eval()
    with torch.no_grad():
        a, b = [(tagger(x).argmax(-1) == y).float().mean().item() for x, y in ((x_train, y_train), (x_test, y_test))]
    print(f"epoch {epoch}: last loss {loss.item():.3f}, token accuracy train {a:.3f} test {b:.3f}")
