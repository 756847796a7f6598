"""Continual learning: a tagger GRU meets language one, later language two; a small store of old sentences is replayed."""
import random
import torch
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, PackedSequence

random.seed(31)
torch.manual_seed(31)
TAGS = ["DET", "ADJ", "NOUN", "VERB", "ADV"]


def make_language(seed, suffixes, det_first):
    """words = random stem + a suffix that tells the tag, so characters are not needed but contexts help"""
    r = random.Random(seed)
    lex = {}
    for tag, n in zip(TAGS, (3, 15, 30, 20, 8)):
        lex[tag] = ["".join(r.choice("bdfgklmnprst") + r.choice("aeiou") for _ in range(2)) + suffixes[tag] for _ in range(n)]
    # some words are both noun and verb: only the place in the sentence tells
    for w in lex["NOUN"][:6]:
        lex["VERB"].append(w)
    np_ = (["DET", "ADJ", "NOUN"], ["DET", "NOUN"]) if det_first else (["NOUN", "ADJ", "DET"], ["NOUN", "DET"])

    def sentence():
        tags = list(random.choice(np_)) + ["VERB"] + (["ADV"] if random.random() < .4 else [])
        if random.random() < .5:
            tags += list(random.choice(np_))
        return [random.choice(lex[t]) for t in tags], tags
    return sentence


north = make_language(1, dict(zip(TAGS, ("", "ig", "en", "t", "um"))), True)
south = make_language(2, dict(zip(TAGS, ("o", "ax", "il", "ur", "e"))), False)
vocab = {}


def encode(sent):
    words, tags = sent
    return (torch.tensor([vocab.setdefault(w, len(vocab)) for w in words]), torch.tensor([TAGS.index(t) for t in tags]))


def draw(gen, n, but=()):
    out = []
    while len(out) < n:
        s = gen()
        if tuple(s[0]) not in but:
            out.append(s)
    return out


raw_train = {"north": draw(north, 1200), "south": draw(south, 1200)}
raw_test = {k: draw(g, 300, {tuple(s[0]) for s in raw_train[k]}) for k, g in (("north", north), ("south", south))}
train = {k: [encode(s) for s in v] for k, v in raw_train.items()}
test = {k: [encode(s) for s in v] for k, v in raw_test.items()}


class Tagger(nn.Module):
    def __init__(self, n, d=24, h=24):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.rnn = nn.GRU(d, h, bidirectional=True)
        self.out = nn.Linear(2 * h, len(TAGS))

    def forward(self, packed):
        # everything stays packed: no padding is ever seen, neither by the GRU nor by the loss
        x = PackedSequence(self.emb(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        return self.out(self.rnn(x)[0].data)


net = Tagger(len(vocab))
ce = nn.CrossEntropyLoss()


def accuracy(items):
    net.eval()
    with torch.no_grad():
        x = pack_sequence([a for a, _ in items], enforce_sorted=False)
        y = pack_sequence([b for _, b in items], enforce_sorted=False)
        return (net(x).argmax(1) == y.data).float().mean().item()


store = []
for stage, name in enumerate(["north", "south"]):
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)           # fresh moments for each language
    items = train[name]
    for epoch in range(3):
        net.train()
        random.shuffle(items)
        total = steps = 0
        for k in range(0, len(items), 30):
            batch = items[k:k + 30] + random.sample(store, min(10, len(store)))
            x = pack_sequence([a for a, _ in batch], enforce_sorted=False)
            y = pack_sequence([b for _, b in batch], enforce_sorted=False)
            loss = ce(net(x), y.data)
            opt.zero_grad()
            loss.backward()
            opt.step()
            total += loss.item(); steps += 1
        print(f"stage {stage + 1} ({name}) epoch {epoch + 1} loss {total / steps:.4f} | train {accuracy(train[name]):.3f} | "
              + "  ".join(f"{k} {accuracy(test[k]):.3f}" for k in ("north", "south")))
    store += random.sample(items, 200)
print("share of the most frequent tag: %.3f" % (sum((b == 2).sum().item() for _, b in test["north"]) / sum(len(b) for _, b in test["north"])))
