"""Six intents; the rows come grouped as they were written by the annotators (GRU, hand-made batches)."""
import random

import torch
import torch.nn as nn

random.seed(97); torch.manual_seed(97)
INTENTS = {
    "alarm": "wake alarm morning snooze ring".split(), "music": "song play album volume artist".split(),
    "weather": "rain sunny forecast umbrella degrees".split(), "lights": "lamp dim bright switch bulb".split(),
    "timer": "minutes countdown timer seconds pause".split(), "call": "phone dial contact ring mother".split(),
}
glue = "please can you the a my to set for me now at in on it what is will some tell".split()
names = list(INTENTS)


def utterance(name):
    t = random.choices(glue, k=random.randint(2, 7))
    for w in random.choices(INTENTS[name], k=random.randint(1, 2)):
        t.insert(random.randint(0, len(t)), w)
    return t


train = [(utterance(n), k) for k, n in enumerate(names) for _ in range(130)]
dev = [(utterance(n), k) for k, n in enumerate(names) for _ in range(40)]
vocab = {w: i + 1 for i, w in enumerate(sorted(set(glue + sum(INTENTS.values(), []))))}


class IntentGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.gru = nn.GRU(16, 24, batch_first=True)
        self.out = nn.Linear(24, 6)

    def forward(self, x, n):
        p = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        return self.out(self.gru(p)[1].squeeze(0))


def make(rows):
    n = torch.tensor([len(t) for t, _ in rows])
    x = torch.zeros(len(rows), int(n.max()), dtype=torch.long)
    for i, (t, _) in enumerate(rows):
        x[i, : len(t)] = torch.tensor([vocab[w] for w in t])
    return x, n, torch.tensor([y for _, y in rows])


net = IntentGRU()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(7):
    total = 0.0
    # fault:
    for i in range(0, len(train), 26):
        rows = train[i:i + 26]
    # mended:
    # order = random.sample(train, len(train))
    # for i in range(0, len(train), 26):
    #     rows = order[i:i + 26]
    # end
        x, n, y = make(rows)
        loss = nn.functional.cross_entropy(net(x, n), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item() / 30
    with torch.no_grad():
        x, n, y = make(dev)
        print(f"epoch {epoch} loss {total:.4f} dev acc {(net(x, n).argmax(1) == y).float().mean().item():.4f}")
