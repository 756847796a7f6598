# Tagging of product titles: brand / colour / size / item.   (port of our old chainer script)
import random
import torch
from torch import nn

random.seed(5); torch.manual_seed(5)
SYL = ["ba", "ko", "ri", "lu", "mex", "tor", "vi", "san", "del", "qua", "no", "fe"]
BRAND = ["".join(random.sample(SYL, 3)) for _ in range(60)]
COLOUR = "red blue green black white navy beige pink grey purple teal brown".split()
ITEM = "shirt shoe jacket dress sock hat coat boot skirt scarf glove belt".split()
SIZE = "xs s m l xl xxl 36 38 40 42 44 46".split()
GLUE = "for new with sale and the best original only in".split()
TAGS = ["O", "BRAND", "COLOUR", "ITEM", "SIZE"]


def title():
    out = []
    kinds = ["BRAND", "COLOUR", "ITEM", "SIZE"]
    random.shuffle(kinds)
    for k in kinds[:random.randint(2, 4)]:
        for _ in range(random.randint(0, 2)):
            out.append((random.choice(GLUE), "O"))
        out.append((random.choice({"BRAND": BRAND, "COLOUR": COLOUR, "ITEM": ITEM, "SIZE": SIZE}[k]), k))
    # a colour right after the word "for" or "with" belongs to something else
    return [(w, "O" if t == "COLOUR" and i and out[i - 1][0] in ("for", "with") else t) for i, (w, t) in enumerate(out)]


data = [title() for _ in range(2500)]
words = ["<p>"] + sorted({w for t in data for w, _ in t})
w2i = {w: i for i, w in enumerate(words)}


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed_words = nn.Embedding(len(words), 16, padding_idx=0)
        self.layer_norm = nn.LayerNorm(16)
        self.lstm = nn.LSTM(16, 24, bidirectional=True)

    def forward(self, x, lengths):                       # x: time x batch
        e = self.layer_norm(self.embed_words(x))
        packed = nn.utils.rnn.pack_padded_sequence(e, lengths, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0])[0]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.classifier = nn.Linear(48, len(TAGS))

    def forward(self, x, lengths):
        return self.classifier(self.encoder(x, lengths))


def batch(rows):
    L = torch.tensor([len(r) for r in rows])
    x = torch.zeros(int(L.max()), len(rows), dtype=torch.long)
    y = torch.full_like(x, -100)
    for j, r in enumerate(rows):
        for i, (w, t) in enumerate(r):
            x[i, j] = w2i[w]
            y[i, j] = TAGS.index(t)
    return x, L, y


model = Tagger()
no_decay = ("bias", "layer_norm")
named = list(model.named_parameters())
# fault:
plain = [p for n, p in named if any(k in n for k in no_decay)]
decay = [p for n, p in named if n.startswith("classifier") and not any(k in n for k in no_decay)]
# mended:
# plain = [p for n, p in named if any(k in n for k in no_decay)]
# decay = [p for n, p in named if not any(k in n for k in no_decay)]
# end
optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 1e-3}, {"params": plain, "weight_decay": 0.0}], lr=5e-3)
ce = nn.CrossEntropyLoss(ignore_index=-100)
train, dev = data[:2000], data[2000:]


def accuracy(rows):
    model.eval()
    with torch.no_grad():
        x, L, y = batch(rows)
        keep = y != -100
        return (model(x, L).argmax(-1) == y)[keep].float().mean().item()


for epoch in range(4):
    model.train()
    random.shuffle(train)
    total = 0.
    for i in range(0, len(train), 40):
        x, L, y = batch(train[i:i + 40])
        loss = ce(model(x, L).flatten(0, 1), y.flatten())
        optimizer.zero_grad(); loss.backward(); optimizer.step()
        total += loss.item()
    print("epoch %d  loss %.4f  token acc train %.4f dev %.4f" % (epoch, total / 50, accuracy(train[:500]), accuracy(dev)))
