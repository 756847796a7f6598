"""Part-of-speech tagging one sentence at a time, gradients accumulated over eight; 70 % of the tags are one class by nature."""
import random

import torch
import torch.nn as nn

random.seed(8); torch.manual_seed(8)
words = {"O": "the a of in and to was it on at his with by".split(), "N": "ship mayor river bell crown valley".split(), "V": "sank rose broke fell sang left".split()}
amb = ["watch", "play", "guard"]  # a noun after an article, a verb elsewhere
TAGS = list(words)


def sent():
    out = []
    for _ in range(random.randint(4, 10)):
        r = random.random()
        if r < 0.15:
            out += [(random.choice(["the", "a"]), 0), (random.choice(amb), 1)]
        elif r < 0.25:
            out += [("to", 0), (random.choice(amb), 2)]
        else:
            k = random.choices(TAGS, [0.75, 0.15, 0.1])[0]
            out.append((random.choice(words[k]), TAGS.index(k)))
    return out


train, dev = [sent() for _ in range(320)], [sent() for _ in range(150)]
ids = {w: i for i, w in enumerate(sorted({w for ws in words.values() for w in ws} | set(amb)))}


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(ids), 16)
        self.lstm = nn.LSTM(16, 16, bidirectional=True)
        self.out = nn.Linear(32, 3)

    def forward(self, s):
        h, _ = self.lstm(self.emb(torch.tensor([ids[w] for w, _ in s])).unsqueeze(1))
        return self.out(h.squeeze(1))


net = Tagger()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(4):
    random.shuffle(train)
    opt.zero_grad()
    total = 0.0
    for k, s in enumerate(train, 1):
        loss = nn.functional.cross_entropy(net(s), torch.tensor([t for _, t in s]))
        (loss / 8).backward()
        total += loss.item()
        if k % 8 == 0:
            opt.step()
            opt.zero_grad()
    with torch.no_grad():
        gold = torch.tensor([t for s in dev for _, t in s])
        pred = torch.cat([net(s).argmax(1) for s in dev])
    recalls = [(pred[gold == k] == k).float().mean().item() for k in range(3)]
    print(f"epoch {epoch} loss {total / len(train):.4f} recalls {' '.join(f'{r:.3f}' for r in recalls)} macro {sum(recalls) / 3:.4f}")
