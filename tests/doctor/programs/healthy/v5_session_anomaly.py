"""Log sessions: learn what usually follows an event, then flag sessions with surprising steps.
Trained on normal traffic only; the alarms never take part in the training."""
import numpy as np
import torch
from torch import nn
from sklearn.metrics import roc_auc_score

rng = np.random.default_rng(77)
torch.manual_seed(77)
EVENTS = ["login", "list", "open", "edit", "save", "share", "search", "close", "print", "retry", "upload", "logout"]
E = len(EVENTS)
habit = rng.dirichlet(np.full(E, 0.12), size=(E, E)) * .97 + .03 / E      # depends on the last two events
T = 14


def session(odd=False):
    s = [int(rng.integers(E)), int(rng.integers(E))]
    for t in range(2, T):
        strange = odd and rng.random() < .5
        s.append(int(rng.integers(E)) if strange else int(rng.choice(E, p=habit[s[-2], s[-1]])))
    return s


normal = torch.tensor([session() for _ in range(2400)])
later = torch.tensor([session() for _ in range(400)])
attacks = torch.tensor([session(True) for _ in range(100)])


class NextEvent(nn.Module):
    def __init__(self):
        super().__init__()
        self.seen = nn.Embedding(E, 16)
        self.body = nn.Sequential(nn.Linear(32, 96), nn.GELU(), nn.Linear(96, E))

    def forward(self, s):                       # logits for events 2 .. T-1
        v = self.seen(s)
        return self.body(torch.cat([v[:, :-2], v[:, 1:-1]], dim=-1))


def surprise(model, s):
    logp = model(s).log_softmax(-1)
    return -logp.gather(-1, s[:, 2:, None]).squeeze(-1)


net = NextEvent()
smooth = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.97))
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
steps = 0
for epoch in range(7):
    if epoch >= 5:
        opt.param_groups[0]["lr"] = 2e-3
    total = 0.0
    for k in torch.randperm(len(normal)).split(60):
        loss = surprise(net, normal[k]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        smooth.update_parameters(net)
        total += loss.item() * len(k)
    with torch.no_grad():
        a, b = surprise(smooth, later), surprise(smooth, attacks)
        auc = roc_auc_score(np.r_[np.zeros(len(a)), np.ones(len(b))], np.r_[a.mean(1).numpy(), b.mean(1).numpy()])
    print(f"epoch {epoch} nats/event {total / len(normal):.3f} later normal {a.mean():.3f} attacks {b.mean():.3f} "
          f"(uniform {np.log(E):.3f}) AUC {auc:.3f}")
