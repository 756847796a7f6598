# Two-level classifier: GRU over the words of a sentence, attention-free mean over sentences of a letter.
# A letter is "justified" if one sentence reports a defect that the shop has NOT dealt with yet.
import random
import torch
import torch.nn as nn

random.seed(4); torch.manual_seed(4)
PARTS = "screen hinge battery cable zipper handle motor lid filter strap".split()
CHAT = ["i bought this in march", "my aunt likes the colour", "delivery took two days", "we use it every day", "greetings from the coast",
        "it was a present for my son", "the shop near us was closed"]


def letter():
    sents, bad = [random.choice(CHAT) for _ in range(random.randint(1, 3))], random.random() < .5
    p, q = random.sample(PARTS, 2)
    if bad:
        sents.append(random.choice(["the {p} broke and nobody fixed it", "the {p} still does not work", "the {p} is fine but the {q} is not", "no answer about the broken {p}"]).format(p=p, q=q))
    else:
        sents.append(random.choice(["the {p} broke and somebody fixed it", "the {p} still does work", "the {p} is not new but the {q} is fine", "an answer about no broken {p}"]).format(p=p, q=q))
    random.shuffle(sents)
    return [s.split() for s in sents], int(bad)


letters = [letter() for _ in range(1300)]
keys = {}
for l in letters:
    keys.setdefault(str(l[0]), l)
letters = list(keys.values())
train, held = letters[:-300], letters[-300:]
vocab = {w: i + 1 for i, w in enumerate(sorted({w for l, _ in train for s in l for w in s}))}


class SentenceEncoder(nn.Module):
    def __init__(self, dim=24, hid=32):
        super().__init__()
        self.words = nn.Embedding(len(vocab) + 1, dim, padding_idx=0)
        self.gru = nn.GRU(dim, hid, batch_first=True)

    def forward(self, sents):
        ids = [torch.tensor([vocab.get(w, 0) for w in s]) for s in sents]
        packed = nn.utils.rnn.pack_sequence([self.words(i) for i in ids], enforce_sorted=False)
        return self.gru(packed)[1][0]


class LetterModel(nn.Module):
    def __init__(self):
        super().__init__()
        self.sentence = SentenceEncoder()
        self.top = nn.Sequential(nn.Linear(32, 16), nn.Tanh())
        self.out = nn.Linear(16, 2)

    def forward(self, batch):
        flat = [s for doc in batch for s in doc]
        vecs = self.sentence(flat)
        docs, at = [], 0
        for doc in batch:
            # fault:
            rows = torch.tensor([v.tolist() for v in vecs[at:at + len(doc)]])
            # mended:
            # rows = vecs[at:at + len(doc)]
            # end
            docs.append(self.top(rows).mean(0))
            at += len(doc)
        return self.out(torch.stack(docs))


model = LetterModel()
optimizer = torch.optim.Adam(model.parameters(), lr=6e-3)
loss_fn = nn.CrossEntropyLoss()


def accuracy(rows):
    model.eval()
    with torch.no_grad():
        return sum((model([d for d, _ in rows[i:i + 100]]).argmax(1) == torch.tensor([y for _, y in rows[i:i + 100]])).sum().item()
                   for i in range(0, len(rows), 100)) / len(rows)


for epoch in range(3):
    model.train()
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 40):
        docs, ys = zip(*train[i:i + 40])
        optimizer.zero_grad()
        loss = loss_fn(model(docs), torch.tensor(ys))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print("epoch %d loss %.3f train acc %.3f held-out acc %.3f" % (epoch, sum(losses) / len(losses), accuracy(train[:300]), accuracy(held)))
