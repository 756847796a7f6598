"""Predict the topic mixture of a support message.

Every message was rated by a panel, so the gold label is a distribution over the
five departments and not one class.
"""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.RandomState(3)
torch.manual_seed(3)

DEPARTMENTS = {
    "billing": "invoice refund charge card payment receipt price tax overcharged bank".split(),
    "network": "wifi router cable signal slow drops speed modem outage ping".split(),
    "account": "password login locked username email reset verify profile code token".split(),
    "hardware": "screen battery keyboard broken charger fan noise port cracked hot".split(),
    "shipping": "parcel courier late tracking box address delivered missing depot label".split(),
}
FILLER = "hello please help the my is it was and a i have since yesterday thanks again not so".split()
names = list(DEPARTMENTS)


def write_message():
    mix = rng.dirichlet([0.3] * len(names))
    words = []
    for _ in range(rng.randint(14, 36)):
        if rng.rand() < 0.35:
            words.append(FILLER[rng.randint(len(FILLER))])
        else:
            d = names[rng.choice(len(names), p=mix)]
            words.append(DEPARTMENTS[d][rng.randint(10)])
    panel = rng.multinomial(40, mix) + 0.2
    return words, (panel / panel.sum()).astype("float32")


messages = [write_message() for _ in range(2600)]
itos = ["<pad>"] + sorted({w for ws, _ in messages for w in ws})
stoi = {w: i for i, w in enumerate(itos)}


def batches(rows, size, shuffle):
    order = rng.permutation(len(rows)) if shuffle else np.arange(len(rows))
    for k in range(0, len(rows), size):
        part = [rows[j] for j in order[k:k + size]]
        width = max(len(ws) for ws, _ in part)
        x = torch.zeros(len(part), width, dtype=torch.long)
        for r, (ws, _) in enumerate(part):
            x[r, :len(ws)] = torch.tensor([stoi[w] for w in ws])
        yield x, torch.tensor(np.stack([m for _, m in part]))


class MixtureNet(nn.Module):
    def __init__(self, n_words, n_out, dim=24):
        super().__init__()
        self.words = nn.Embedding(n_words, dim, padding_idx=0)
        self.mlp = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, n_out))

    def forward(self, x):
        real = (x != 0).unsqueeze(-1).float()
        return self.mlp((self.words(x) * real).sum(1) / real.sum(1).clamp(min=1))


train, held = messages[:2100], messages[2100:]
net = MixtureNet(len(itos), len(names))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
criterion = nn.KLDivLoss(reduction="batchmean")

for epoch in range(7):
    net.train()
    total = 0.0
    for x, mix in batches(train, 50, True):
        # fault:
        guess = F.softmax(net(x), dim=-1)
        # mended:
        # guess = F.log_softmax(net(x), dim=-1)
        # end
        loss = criterion(guess, mix)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"epoch {epoch}: loss {total / 42:.4f}")

net.eval()
with torch.no_grad():
    probs, gold = [], []
    for x, mix in batches(held, 100, False):
        probs.append(F.softmax(net(x), dim=-1))
        gold.append(mix)
probs, gold = torch.cat(probs).numpy(), torch.cat(gold).numpy()
mean = np.mean([m for _, m in train], axis=0)
print("mean absolute error per department: %.4f" % np.abs(probs - gold).mean())
print("the same if one always says the average mixture: %.4f" % np.abs(mean - gold).mean())
print("right main department: %.3f" % (probs.argmax(1) == gold.argmax(1)).mean())
