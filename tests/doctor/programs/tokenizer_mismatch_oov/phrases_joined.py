"""Skill or hobby? The vectors were trained on text with phrases joined by underscores."""
import random

import torch
from torch import nn

random.seed(18); torch.manual_seed(18)
first = "machine deep data open cloud field bird river night steam paper board garden rock mountain time".split()
last = "learning mining source watching sailing folding hiking planning mapping fishing testing design gazing making carving storage".split()
phrases = [f"{a} {b}" for a in first for b in last]
random.shuffle(phrases)
skills, hobbies = phrases[:100], phrases[100:200]
glue = "i do some on weekends and also years of with my team likes doing mostly in the she he we".split()

mu = torch.randn(2, 26) * 0.45
vectors = {p.replace(" ", "_"): mu[k] + 0.35 * torch.randn(26) for k, ps in enumerate((skills, hobbies)) for p in ps}
vectors.update({w: 0.4 * torch.randn(26) for w in glue})
PHRASES = {tuple(p.split("_")) for p in vectors if "_" in p}


def tokenize(text):
    words = text.split()
    # fault:
    return words
    # mended:
    # out, i = [], 0
    # while i < len(words):
    #     if tuple(words[i:i + 2]) in PHRASES:
    #         out.append("_".join(words[i:i + 2]))
    #         i += 2
    #     else:
    #         out.append(words[i])
    #         i += 1
    # return out
    # end


def bio(y, part):
    parts = random.choices(glue, k=random.randint(4, 9))
    for p in random.sample((skills, hobbies)[y][part], 3):
        parts.insert(random.randint(0, len(parts)), p)
    return " ".join(parts)


train = [(bio(i % 2, slice(0, 50)), i % 2) for i in range(240)]
dev = [(bio(i % 2, slice(30, 100)), i % 2) for i in range(300)]
keys = list(vectors)
stoi = {k: i + 2 for i, k in enumerate(keys)}
stack = torch.stack([vectors[k] for k in keys])
table = torch.cat([torch.zeros(1, 26), stack.mean(0, keepdim=True), stack])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(table, padding_idx=0, freeze=True)
        self.rnn = nn.RNN(26, 24, batch_first=True)
        self.fc = nn.Linear(24, 2)

    def forward(self, x):
        n = (x > 0).sum(1)
        packed = nn.utils.rnn.pack_padded_sequence(self.emb(x), n, batch_first=True, enforce_sorted=False)
        out, lens = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.fc(out.sum(1) / lens[:, None])


def tens(rows):
    return (nn.utils.rnn.pad_sequence([torch.tensor([stoi.get(t, 1) for t in tokenize(s)]) for s, _ in rows], batch_first=True),
            torch.tensor([y for _, y in rows]))


net = Net()
opt = torch.optim.Adam([*net.rnn.parameters(), *net.fc.parameters()], lr=4e-3)
x, y = tens(train)
xd, yd = tens(dev)
for epoch in range(10):
    s = 0
    for b in torch.randperm(240).split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x[b]), y[b])
        loss.backward()
        opt.step()
        s += loss.item() / 12
    with torch.no_grad():
        print(epoch, f"{s:.4f}", f"dev {(net(xd).argmax(1) == yd).float().mean().item():.4f}")
