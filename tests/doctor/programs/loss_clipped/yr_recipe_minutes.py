"""Predict the cooking time (minutes / 10) of a recipe from its step tokens.  GRU over packed sequences."""
import random
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_sequence

random.seed(8); torch.manual_seed(8)
TIMES = {"chop": .4, "slice": .3, "boil": 1.0, "simmer": 1.8, "bake": 2.6, "roast": 3.0, "fry": .7, "rest": 1.2,
         "whisk": .2, "chill": 2.0, "grate": .3, "knead": .9, "marinate": 2.4, "serve": .1}
THINGS = "onion carrot dough beef fish sauce rice beans potato cream egg garlic leek pasta".split()
vocab = {w: i for i, w in enumerate(list(TIMES) + THINGS + ["twice", "then", "the"])}


def recipe():
    words, total = [], 0.0
    for _ in range(random.randint(2, 6)):
        verb = random.choice(list(TIMES))
        words += [verb, "the", random.choice(THINGS)]
        t = TIMES[verb]
        if random.random() < 0.25:
            words.append("twice")
            t *= 2
        total += t
    return " ".join(words), total + random.gauss(0, 0.15)


data = list(dict(recipe() for _ in range(3200)).items())
train, valid = data[:2700], data[2700:]


def batchify(rows):
    xs = [torch.tensor([vocab[w] for w in text.split()]) for text, _ in rows]
    return pack_sequence(xs, enforce_sorted=False), torch.tensor([y for _, y in rows])


class TimeNet(nn.Module):
    def __init__(self, n, d=24, h=32):
        super().__init__()
        self.emb = nn.Embedding(n, d)
        self.gru = nn.GRU(d, h, batch_first=True)
        self.head = nn.Linear(h, 1)

    def forward(self, packed):
        e = nn.utils.rnn.PackedSequence(self.emb(packed.data), packed.batch_sizes, packed.sorted_indices, packed.unsorted_indices)
        _, h = self.gru(e)
        return self.head(h[-1]).squeeze(-1)


model = TimeNet(len(vocab))
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5)
valid_x, valid_y = batchify(valid)
var = valid_y.var().item()
print(f"{len(train)} recipes, mean {valid_y.mean():.2f}, variance {var:.2f}")
for epoch in range(5):
    random.shuffle(train)
    model.train()
    seen = 0.0
    for i in range(0, len(train), 50):
        x, y = batchify(train[i:i + 50])
        err = (model(x) - y) ** 2
        # fault:
        loss = err.clamp(max=0.25).mean()      # a few recipes are wildly off
        # mended:
        # loss = err.mean()
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        opt.step()
        seen += loss.item() * len(y)
    sched.step()
    model.eval()
    with torch.no_grad():
        mse = ((model(valid_x) - valid_y) ** 2).mean().item()
    print(f"{epoch + 1}: train loss {seen / len(train):.3f}  valid mse {mse:.3f}  R2 {1 - mse / var:.3f}")
