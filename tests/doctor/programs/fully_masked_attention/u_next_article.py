"""News recommender: a reader's click history is pooled by attention, the candidate is the query (DIN-like)."""
import numpy as np
import torch
from torch import nn
from sklearn.metrics import roc_auc_score

rs = np.random.RandomState(99)
torch.manual_seed(99)

TOPICS, PER_TOPIC = 6, 10
N_ARTICLES = TOPICS * PER_TOPIC
topic_of = np.repeat(np.arange(TOPICS), PER_TOPIC)
NONE, START = 0, 1                       # ids 0 and 1 are reserved, articles begin at 2
MAXLEN = 10


def reader():
    likes = rs.choice(TOPICS, 2, replace=False)
    n = int(min(rs.poisson(4), 15))
    hist = []
    for _ in range(n):
        t = likes[rs.randint(2)] if rs.rand() < 0.9 else rs.randint(TOPICS)
        hist.append(t * PER_TOPIC + rs.randint(PER_TOPIC) + 2)
    return likes, hist


def sample():
    likes, hist = reader()
    t = likes[rs.randint(2)] if rs.rand() < 0.5 else rs.randint(TOPICS)
    cand = t * PER_TOPIC + rs.randint(PER_TOPIC) + 2
    p = 0.92 if t in likes else 0.06
    return hist, cand, float(rs.rand() < p)


def tensorise(rows):
    H = np.full((len(rows), MAXLEN + 1), NONE)
    for i, (hist, _, _) in enumerate(rows):
        # fault:
        seq = hist[-MAXLEN:]
        # mended:
        # seq = [START] + hist[-MAXLEN:]
        # end
        H[i, :len(seq)] = seq
    return (torch.as_tensor(H), torch.tensor([r[1] for r in rows]), torch.tensor([r[2] for r in rows]))


class Interest(nn.Module):
    def __init__(self, d=8):
        super().__init__()
        self.items = nn.Embedding(N_ARTICLES + 2, d, padding_idx=NONE)
        self.q = nn.Linear(d, d)
        self.k = nn.Linear(d, d)
        self.popular = nn.Embedding(N_ARTICLES + 2, 1)
        nn.init.zeros_(self.popular.weight)
        with torch.no_grad():
            self.items.weight.mul_(0.3)

    def forward(self, hist, cand):
        h, c = self.items(hist), self.items(cand)
        att = (self.k(h) @ self.q(c).unsqueeze(2)).squeeze(2) / h.size(-1) ** 0.5
        att = att.masked_fill(hist == NONE, float("-inf")).softmax(dim=1)
        user = (att.unsqueeze(2) * h).sum(1)
        return (user * c).sum(1) + self.popular(cand).squeeze(1)


train = tensorise([sample() for _ in range(7000)])
valid = tensorise([sample() for _ in range(1000)])
print("positives %.2f, cold readers %.3f" % (train[2].mean(), float((train[0] > START).sum(1).eq(0).float().mean())))

net = Interest()
opt = torch.optim.Adam(net.parameters(), lr=1e-2, weight_decay=1e-4)
loss_fn = nn.BCEWithLogitsLoss()


def auc(split):
    net.eval()
    with torch.no_grad():
        s = net(split[0], split[1])
    return roc_auc_score(split[2].numpy(), np.nan_to_num(s.numpy()))


EPOCHS = 4
for e in range(EPOCHS):
    for grp in opt.param_groups:
        grp["lr"] = 1e-2 * (1 - e / EPOCHS)
    net.train()
    order = torch.randperm(len(train[2]))
    s = 0.0
    for b in order.split(64):
        loss = loss_fn(net(train[0][b], train[1][b]), train[2][b])
        opt.zero_grad()
        loss.backward()
        opt.step()
        s += loss.item() * len(b)
    print(f"[{e}] loss={s / len(order):.4f} train AUC={auc(train):.3f} valid AUC={auc(valid):.3f}")
