# Product matching competition: same product, other seller's title. Triplet margin on the unit sphere, hardest negative in batch.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(19); torch.manual_seed(19)
VOC, NP = 240, 1900
products = [random.sample(range(40, VOC), 6) for _ in range(NP)]


def title(p):
    w = random.sample(products[p], 5) + random.choices(range(1, 40), k=random.randint(0, 3))    # 1..39: shop talk
    random.shuffle(w)
    return torch.tensor(w)


def pad(seqs):
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True)


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(VOC, 32, padding_idx=0)
        self.gate = nn.Embedding(VOC, 1, padding_idx=0)
        self.proj = nn.Linear(32, 32, bias=False)

    def forward(self, x):
        a = self.gate(x).masked_fill((x == 0).unsqueeze(-1), -1e9).softmax(1)
        return F.normalize(self.proj((a * self.emb(x)).sum(1)), dim=-1)


tower = Tower()
opt = torch.optim.Adam(tower.parameters(), lr=6e-3)
train_ids, test_ids = list(range(1700)), list(range(1700, NP))
qa, qb = pad([title(p) for p in test_ids]), pad([title(p) for p in test_ids])


@torch.no_grad()
def recall():
    tower.eval()
    s = tower(qa) @ tower(qb).T
    return (s.argmax(1) == torch.arange(len(s))).float().mean().item()


print('start: recall@1 on new products %.3f' % recall())
for epoch in range(7):
    tower.train()
    random.shuffle(train_ids)
    tot = 0
    for i in range(0, 1700, 50):
        ids = train_ids[i:i + 50]
        a, p = tower(pad([title(j) for j in ids])), tower(pad([title(j) for j in ids]))
        d = 1 - a @ p.T
        hardest = (d + 10 * torch.eye(len(d))).topk(5, largest=False).values
        loss = F.relu(d.diagonal().unsqueeze(1) - hardest + 0.25).mean()
        opt.zero_grad(); loss.backward(); opt.step()
        tot += loss.item()
    print('epoch %d  triplet %.4f  recall@1 %.3f' % (epoch, tot / 34, recall()))
