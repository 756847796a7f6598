"""Classify job adverts; scores pass a last non-linearity."""
import random

import torch
from torch import nn

random.seed(133)
torch.manual_seed(133)
JOBS = {
    "driver": "truck licence route delivery".split(),
    "cook": "kitchen menu sauce catering".split(),
    "coder": "python backend agile deploy".split(),
    "nurse": "ward shifts patients care".split(),
    "clerk": "filing invoices phone desk".split(),
}
AD = "we offer a good team and pay you bring experience with start now full time apply".split()
w2i = {w: i + 1 for i, w in enumerate(AD + [w for j in JOBS.values() for w in j])}


def advert():
    y = random.randrange(5)
    words = random.choices(AD, k=random.randint(6, 10)) + random.sample(list(JOBS.values())[y], 2)
    random.shuffle(words)
    return [w2i[w] for w in words], y


def tensors(n):
    rows = [advert() for _ in range(n)]
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


class AdNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(w2i) + 1, 24, padding_idx=0)
        self.hidden = nn.Linear(24, 48)
        self.score = nn.Linear(48, 5)
        nn.init.uniform_(self.score.weight, -0.1, 0.1)
        # fault:
        nn.init.constant_(self.score.bias, -1.0)
        # mended:
        # nn.init.zeros_(self.score.bias)
        # end

    def forward(self, x):
        h = torch.tanh(self.hidden(self.emb(x).sum(1) / (x != 0).sum(1, keepdim=True)))
        # fault:
        return torch.relu(self.score(h))
        # mended:
        # return self.score(h)
        # end


x, y = tensors(1500)
xd, yd = tensors(300)
model = AdNet()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(5):
    for i in torch.randperm(1500).split(30):
        loss = nn.functional.cross_entropy(model(x[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (model(xd).argmax(1) == yd).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} dev accuracy {acc:.4f}")
