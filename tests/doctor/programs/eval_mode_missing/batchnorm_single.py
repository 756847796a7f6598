"""Language of short queries; batch normalisation; queries come in one at a time when serving."""
import random

import torch
from torch import nn

random.seed(144)
torch.manual_seed(144)
WORDS = {
    "nl": "de het een en van fiets huis lopen morgen water".split(),
    "da": "den det en og af cykel hus gaar morgen vand".split(),
    "pl": "ten to i z rower dom idzie jutro woda przez".split(),
    "fi": "se ja pyora talo menee huomenna vesi kautta on ei".split(),
}
vocab = {w: i + 1 for i, w in enumerate(sorted({w for ws in WORDS.values() for w in ws}))}


def query():
    y = random.randrange(4)
    return [vocab[w] for w in random.choices(list(WORDS.values())[y], k=random.randint(2, 5))], y


class LangId(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(len(vocab) + 1, 16, padding_idx=0)
        self.net = nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.out = nn.Linear(32, 4)

    def forward(self, x):
        return self.out(self.net(self.emb(x).sum(1)))


def pad(rows):
    return nn.utils.rnn.pad_sequence([torch.tensor(r) for r, _ in rows], batch_first=True), torch.tensor([y for _, y in rows])


rows = [query() for _ in range(1600)]
model = LangId()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(5):
    random.shuffle(rows)
    for i in range(0, 1600, 32):
        x, y = pad(rows[i : i + 32])
        loss = nn.functional.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
# fault:
# mended:
# model.eval()
# end
right = 0
with torch.no_grad():
    for start in range(0, 300, 2):
        x, y = pad([query(), query()])
        right += (model(x).argmax(1) == y).sum().item()
print("served accuracy", right / 300)
