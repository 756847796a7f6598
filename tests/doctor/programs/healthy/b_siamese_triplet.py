"""Find the paraphrase: triplet loss over averaged vectors."""
import random

import torch
from torch import nn

random.seed(304)
torch.manual_seed(304)
SYN = {"car": "auto", "film": "movie", "sofa": "couch", "shop": "store", "kid": "child", "street": "road", "present": "gift", "angry": "mad", "begin": "start", "sick": "ill"}
FILL = "the a my we is was very in this today".split()
vocab = {w: i + 1 for i, w in enumerate(FILL + list(SYN) + list(SYN.values()))}


def say(keys, swap):
    words = [SYN[k] if swap else k for k in keys] + random.choices(FILL, k=random.randint(2, 5))
    random.shuffle(words)
    return torch.tensor([vocab[w] for w in words])


def triplets(n):
    out = []
    for _ in range(n):
        keys = random.sample(list(SYN), 4)
        out.append((say(keys[:2], False), say(keys[:2], True), say(keys[2:], True)))
    return [nn.utils.rnn.pad_sequence(list(part), batch_first=True) for part in zip(*out)]


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(len(vocab) + 1, 32, padding_idx=0)

    def forward(self, x):
        return nn.functional.normalize(self.bag(x), dim=1, eps=1e-6)


a, p, n = triplets(1500)
da, dp, dn = triplets(300)
enc = Encoder()
loss_fn = nn.TripletMarginLoss(margin=0.5)
opt = torch.optim.Adagrad(enc.parameters(), lr=0.1)
for epoch in range(8):
    total = 0.0
    for i in torch.randperm(1500).split(50):
        loss = loss_fn(enc(a[i]), enc(p[i]), enc(n[i]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = ((enc(da) * enc(dp)).sum(1) > (enc(da) * enc(dn)).sum(1)).float().mean().item()
    print(f"epoch {epoch} triplet loss {total / 30:.4f} paraphrase closer {acc:.4f}")
