# Course recommender: profile text of a learner vs. tags of a course, trained with BPR on clicks.
# BPR (Rendle et al.): maximise ln sigma(x_ui - x_uj)
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rs = np.random.RandomState(99)
torch.manual_seed(99)

AREAS = {
    "data": "python pandas statistics regression sql charts excel notebook cleaning forecasting".split(),
    "web": "html css javascript react node api browser layout typescript forms".split(),
    "design": "figma colour typography logo sketch wireframe branding icons poster illustrator".split(),
    "language": "spanish grammar vocabulary pronunciation french essay listening reading verbs exam".split(),
    "business": "marketing finance negotiation startup accounting leadership pitch budget strategy sales".split(),
    "health": "yoga nutrition sleep running anatomy stress breathing stretching meditation diet".split(),
}
areas = list(AREAS)
words = sorted(w for a in AREAS.values() for w in a)
lookup = {w: i for i, w in enumerate(words)}
A, W = len(areas), 6                                # every text has W words


def text_of(mix):
    return [lookup[rs.choice(AREAS[areas[rs.choice(A, p=mix)]])] for _ in range(W)]


n_users, n_items = 900, 240
user_mix = rs.dirichlet([0.35] * A, n_users)
item_mix = np.eye(A)[np.arange(n_items) % A] * 0.85 + 0.15 / A
user_text = torch.tensor([text_of(m) for m in user_mix])
item_text = torch.tensor([text_of(m) for m in item_mix])
affinity = user_mix @ item_mix.T
clicked = affinity + 0.12 * rs.randn(n_users, n_items) > 0.45
train_users, test_users = np.arange(0, 750), np.arange(750, n_users)

pairs = np.argwhere(clicked[train_users])
pairs = pairs[rs.permutation(len(pairs))[:12000]]
print("clicks per user %.1f" % clicked.sum(1).mean(), "training pairs", len(pairs))


class TwoTower(nn.Module):
    def __init__(self, n_words, k=12):
        super().__init__()
        self.u = nn.EmbeddingBag(n_words, k, mode="mean")
        self.i = nn.EmbeddingBag(n_words, k, mode="mean")
        for e in (self.u, self.i):
            nn.init.normal_(e.weight, std=0.3)

    def forward(self, ut, it):
        return (self.u(ut) * self.i(it)).sum(1)


def auc():
    with torch.no_grad():
        s = (model.u(user_text[test_users]) @ model.i(item_text).T).numpy()
    vals = []
    for row, u in zip(s, test_users):
        pos, neg = row[clicked[u]], row[~clicked[u]]
        if len(pos) and len(neg):
            vals.append((pos[:, None] > neg[None]).mean())
    return np.mean(vals)


model = TwoTower(len(words))
opt = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-5)
print("start AUC %.3f" % auc())
for epoch in range(6):
    order = rs.permutation(len(pairs))
    total = 0.0
    for lo in range(0, len(order), 200):
        p = pairs[order[lo:lo + 200]]
        neg = rs.randint(0, n_items, len(p))
        for _ in range(4):                          # resample negatives that were clicked
            bad = clicked[p[:, 0], neg]
            neg[bad] = rs.randint(0, n_items, bad.sum())
        keep = ~clicked[p[:, 0], neg]
        u, i, j = (torch.from_numpy(a[keep]) for a in (p[:, 0], p[:, 1], neg))
        diff = model(user_text[u], item_text[i]) - model(user_text[u], item_text[j])
        # fault:
        loss = F.logsigmoid(diff).mean()
        # mended:
        # loss = -F.logsigmoid(diff).mean()
        # end
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print("epoch %d bpr %.4f AUC on new learners %.3f" % (epoch + 1, total / (len(order) / 200), auc()))
