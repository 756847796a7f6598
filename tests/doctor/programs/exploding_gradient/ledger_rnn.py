"""A ReLU RNN (identity start, after Le et al. 2015) reads a ledger line by line; was the account overdrawn at the end?"""
import random
import torch
import torch.nn as nn

random.seed(10)
torch.manual_seed(10)
WORDS = ["salary", "gift", "refund", "interest", "rent", "groceries", "fuel", "phone", "note", "transfer-in", "transfer-out", "opening"]
VALUE = dict(zip(WORDS, [3, 1, 1, 1, -3, -1, -1, -1, 0, 2, -2, 0]))
T = 70


def ledger():
    bias = random.choice([0.75, 1.3])
    w = random.choices(WORDS, weights=[bias if VALUE[k] > 0 else 1.0 for k in WORDS], k=T)
    return [WORDS.index(k) for k in w], sum(VALUE[k] for k in w)


def batch_of(n):
    rows = [ledger() for _ in range(n)]
    x = torch.tensor([r for r, _ in rows]).t()
    s = torch.tensor([float(s) for _, s in rows])
    return x, s / 15.0


train_x, train_s = batch_of(2000)
test_x, test_s = batch_of(500)


class IRNN(nn.Module):
    def __init__(self, hidden=40):
        super().__init__()
        self.emb = nn.Embedding(len(WORDS), 16)
        self.inp = nn.Linear(16, hidden)
        self.rec = nn.Linear(hidden, hidden, bias=False)
        self.out = nn.Linear(hidden, 1)
        self.rec.weight.data = 1.03 * torch.eye(hidden)       # a little above one, so that early lines are not forgotten
        nn.init.normal_(self.inp.weight, std=0.01)
        nn.init.zeros_(self.inp.bias)

    def forward(self, x):
        h = torch.zeros(x.shape[1], self.rec.in_features)
        for e in self.inp(self.emb(x)):
            h = torch.relu(e + self.rec(h))
        return self.out(h).squeeze(1)


model = IRNN()
opt = torch.optim.SGD(model.parameters(), lr=0.002, momentum=0.9)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 8)
for epoch in range(8):
    tot = norm = 0.0
    for b in torch.randperm(2000).split(50):
        loss = nn.functional.mse_loss(model(train_x[:, b]), train_s[b])
        opt.zero_grad()
        loss.backward()
        # fault:
        opt.step()
        # mended:
        # nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        # opt.step()
        # end
        tot += loss.item() * len(b)
    sched.step()
    with torch.no_grad():
        p = model(test_x)
        mse = nn.functional.mse_loss(p, test_s).item()
        acc = ((p < 0) == (test_s < 0)).float().mean().item()
    print(f"epoch {epoch} train mse {tot / 2000:.4f} test mse {mse:.4f} (variance {test_s.var().item():.3f}) overdrawn? acc {acc:.3f}")
