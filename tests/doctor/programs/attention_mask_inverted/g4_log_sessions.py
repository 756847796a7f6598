#!/usr/bin/env python
# Flag bad sessions in an application log. Every session is a list of event templates (drain output), pooled by a few
# learned queries. TODO: feed the time gaps too.
import argparse, logging
import numpy as np, torch
from torch import nn
from torch.nn.functional import scaled_dot_product_attention as sdpa, binary_cross_entropy_with_logits as bce
from sklearn.metrics import roc_auc_score, f1_score

logging.basicConfig(level=logging.INFO, format="%(message)s")
log = logging.getLogger("sessions")
ap = argparse.ArgumentParser()
ap.add_argument("--epochs", type=int, default=6)
ap.add_argument("--sessions", type=int, default=2400)
ap.add_argument("--dim", type=int, default=32)
args, _ = ap.parse_known_args()
rng = np.random.default_rng(7); torch.manual_seed(7)

NORMAL = ["LOGIN ok", "GET /index", "GET /cart", "cache hit", "cache miss", "db query <*> ms", "session refresh",
          "PUT /cart/<*>", "heartbeat", "metrics flushed", "config read", "gc pause <*>", "LOGOUT"]
BAD = ["connection reset by <*>", "retry <*> of 5", "OOM killer <*>", "lock wait timeout", "checksum mismatch"]
NOISY = ["WARN slow disk", "deprecated call", "retry scheduled", "certificate expires in <*> d"]
events = ["<none>"] + NORMAL + BAD + NOISY
eid = {e: i for i, e in enumerate(events)}
MAXLEN = 32


def session():
    bad = rng.random() < .4
    n = int(rng.integers(6, 29))
    seq = list(rng.choice(NORMAL, n)) + list(rng.choice(NOISY, rng.integers(0, 3)))
    if bad:
        seq[-1] = rng.choice(BAD)
        if len(seq) < 31 and rng.random() < .5: seq.append(rng.choice(BAD))
    rng.shuffle(seq)
    if rng.random() < .03: bad = not bad          # operators mislabel a few
    return [eid[e] for e in seq], float(bad)


data = [session() for _ in range(args.sessions)]
ids = torch.zeros(len(data), MAXLEN, dtype=torch.long)
for row, (seq, _) in zip(ids, data): row[:len(seq)] = torch.tensor(seq)
labels = torch.tensor([b for _, b in data])
n_tr = int(.8 * len(data))


class SessionPool(nn.Module):
    def __init__(self, n_events, dim, queries=4):
        super().__init__()
        self.embed = nn.Embedding(n_events, dim, padding_idx=0)
        self.queries = nn.Parameter(torch.randn(queries, dim) * .3)
        self.kv = nn.Linear(dim, 2 * dim)
        self.score = nn.Sequential(nn.Linear(queries * dim, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, ids):
        k, v = self.kv(self.embed(ids)).chunk(2, -1)
        q = self.queries.expand(len(ids), -1, -1)
        # fault:
        mask = (ids == 0)[:, None, :]
        # mended:
        # mask = (ids != 0)[:, None, :]
        # end
        pooled = sdpa(q, k, v, attn_mask=mask.expand(-1, q.size(1), -1))
        return self.score(pooled.flatten(1))[:, 0]


model = SessionPool(len(events), args.dim)
opt = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=1e-3)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(ids[:n_tr], labels[:n_tr]), 48, shuffle=True)
for ep in range(args.epochs):
    model.train(); run = []
    for xb, yb in loader:
        loss = bce(model(xb), yb)
        opt.zero_grad(set_to_none=True); loss.backward(); opt.step()
        run.append(loss.item())
    model.eval()
    with torch.inference_mode():
        s = model(ids[n_tr:]); st = model(ids[:n_tr])
    log.info("ep %d loss %.4f | train auc %.3f | held-out auc %.3f f1 %.3f acc %.3f", ep, np.mean(run),
             roc_auc_score(labels[:n_tr], st), roc_auc_score(labels[n_tr:], s),
             f1_score(labels[n_tr:], s > 0, zero_division=0), ((s > 0) == labels[n_tr:].bool()).float().mean())
log.info("share of bad sessions held out: %.3f", labels[n_tr:].mean())
