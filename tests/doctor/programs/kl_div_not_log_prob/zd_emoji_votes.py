# Which emoji would people react with?  Each chat line got 20 votes over 6 emoji, I predict the whole vote distribution.
# (weekend project; chat lines simulated from word lists since my group chat is private)
import random
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rs = np.random.RandomState(31)
random.seed(31)
torch.manual_seed(31)

EMOJI = ["joy", "heart", "cry", "angry", "wow", "ok"]
WORDS = {}
for i, e in enumerate(EMOJI):
    lean = np.full(len(EMOJI), 0.0)
    for j in range(14):
        l = lean + rs.normal(0, 0.3, len(EMOJI))
        l[i] += 1.1
        WORDS[f"{e}_{j}"] = l
for j in range(40):
    WORDS[f"plain_{j}"] = rs.normal(0, 0.1, len(EMOJI))
VOCAB = {w: i + 1 for i, w in enumerate(WORDS)}
LEX = list(WORDS)

def chat_line():
    ws = random.choices(LEX[:84], k=random.randint(1, 4)) + random.choices(LEX[84:], k=random.randint(2, 6))
    random.shuffle(ws)
    z = sum(WORDS[w] for w in ws)
    p = np.exp(z - z.max())
    p /= p.sum()
    return [VOCAB[w] for w in ws], rs.multinomial(20, p) / 20.0

rows = [chat_line() for _ in range(2600)]
train, dev = rows[:2000], rows[2000:]

def collate(part):
    width = max(len(r[0]) for r in part)
    ids = torch.zeros(len(part), width, dtype=torch.long)
    for i, (t, _) in enumerate(part):
        ids[i, :len(t)] = torch.as_tensor(t)
    return ids, torch.tensor(np.stack([r[1] for r in part]), dtype=torch.float32)

class Votes(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.Embedding(len(VOCAB) + 1, 32, padding_idx=0)
        self.f = nn.Linear(32, len(EMOJI))
    def forward(self, ids):
        return self.f(self.e(ids).sum(1) * 0.5)

net = Votes()
optim = torch.optim.Adam(net.parameters(), lr=0.01)

def objective(scores, votes):
    # fault:
    return F.kl_div(F.softmax(scores, dim=-1), votes, reduction="batchmean")
    # mended:
    # return F.kl_div(F.log_softmax(scores, dim=-1), votes, reduction="batchmean")
    # end

def report(part):
    ids, votes = collate(part)
    with torch.no_grad():
        p = F.softmax(net(ids), -1)
    return (p - votes).abs().sum(1).div(2).mean().item(), (p.argmax(1) == votes.argmax(1)).float().mean().item()

mean_votes = np.mean([v for _, v in train], 0)
print("always the average: total variation %.3f" % np.mean([np.abs(v - mean_votes).sum() / 2 for _, v in dev]))
for epoch in range(1, 7):
    random.shuffle(train)
    net.train()
    acc = 0.0
    for k in range(0, len(train), 40):
        ids, votes = collate(train[k:k + 40])
        loss = objective(net(ids), votes)
        optim.zero_grad()
        loss.backward()
        optim.step()
        acc += loss.item() / (len(train) / 40)
    net.eval()
    a, b = report(train), report(dev)
    print("epoch %d  loss %.4f  tv train %.3f dev %.3f  top emoji train %.3f dev %.3f" % (epoch, acc, a[0], b[0], a[1], b[1]))
