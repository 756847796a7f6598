"""Time to failure from maintenance notes and sensor readings: Cox partial likelihood with censoring."""
import numpy as np
import torch
import torch.nn as nn

rng = np.random.default_rng(42)
torch.manual_seed(42)

BAD = {"leak": 1.0, "vibration": 0.8, "cracked": 1.3, "overheating": 1.1, "rust": 0.6, "noise": 0.5, "smoke": 1.5, "worn": 0.7}
GOOD = {"greased": -0.6, "replaced": -0.9, "calibrated": -0.5, "tightened": -0.4, "cleaned": -0.3}
PLAIN = "checked pump valve motor shaft belt filter on site by crew shift day night unit line left right upper lower panel cable".split()
WORDS = list(BAD) + list(GOOD) + PLAIN
VOCAB = {"": 0, **{w: i + 1 for i, w in enumerate(WORDS)}}
EFFECT = {**BAD, **GOOD}


def machine():
    note = list(rng.choice(PLAIN, rng.integers(4, 11)))
    for w in rng.choice(list(EFFECT), rng.integers(0, 4), replace=False):
        note.insert(int(rng.integers(0, len(note) + 1)), w)
    age, temp, load = rng.uniform(0, 15), rng.normal(60, 8), rng.uniform(0.2, 1.0)
    risk = 1.2 * sum(EFFECT.get(w, 0.0) for w in note) + 0.08 * age + 0.03 * (temp - 60) + 0.8 * load
    t = rng.exponential(np.exp(-risk)) * 900
    c = rng.uniform(20, 1500)
    return note, (age, temp, load), min(t, c), t <= c


fleet = [machine() for _ in range(2600)]
numbers = np.array([m[1] for m in fleet], dtype=np.float32)
n_train, n_dev = 1900, 2250
mean, std = numbers[:n_train].mean(0), numbers[:n_train].std(0)
numbers = torch.from_numpy((numbers - mean) / std)
longest = max(len(m[0]) for m in fleet)
notes = torch.tensor([[VOCAB[w] for w in m[0]] + [0] * (longest - len(m[0])) for m in fleet])
times = torch.tensor([m[2] for m in fleet], dtype=torch.float32)
events = torch.tensor([bool(m[3]) for m in fleet])
print(f"{events.float().mean():.2f} of the machines failed while watched")


class RiskNet(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.words = nn.Embedding(len(VOCAB), dim, padding_idx=0)
        with torch.no_grad():
            self.words.weight.mul_(0.2)
        self.text = nn.Sequential(nn.Linear(dim, 16), nn.Tanh(), nn.Linear(16, 1, bias=False))
        self.sensors = nn.Linear(3, 1, bias=False)        # no bias: a constant cancels out of the likelihood

    def forward(self, note, num):
        total = self.words(note).sum(1)                   # a sum: two bad words are worse than one
        return (self.text(total) + self.sensors(num)).squeeze(1)


def partial_likelihood(risk, t, failed):
    """Breslow; the risk set of a machine is everyone in the batch who lasted at least as long."""
    order = torch.argsort(t, descending=True)
    risk, failed = risk[order], failed[order]
    return -(risk - torch.logcumsumexp(risk, 0))[failed].mean()


def concordance(idx):
    net.eval()
    with torch.no_grad():
        r = net(notes[idx], numbers[idx])
    net.train()
    t, e = times[idx], events[idx]
    pairs = (t.unsqueeze(1) < t.unsqueeze(0)) & e.unsqueeze(1)
    return (r.unsqueeze(1) > r.unsqueeze(0))[pairs].float().mean().item()


net = RiskNet()
opt = torch.optim.AdamW([{"params": net.words.parameters(), "weight_decay": 0.0}, {"params": net.text.parameters()},
                         {"params": net.sensors.parameters(), "lr": 1e-2}], lr=4e-3, weight_decay=1e-2)
sets = {"train": torch.arange(n_train), "dev": torch.arange(n_train, n_dev), "test": torch.arange(n_dev, len(fleet))}
for epoch in range(16):
    losses = []
    for idx in torch.randperm(n_train).split(95):
        loss = partial_likelihood(net(notes[idx], numbers[idx]), times[idx], events[idx])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        losses.append(loss.item())
    if epoch % 2 == 1:
        print(f"epoch {epoch + 1:2d} loss {np.mean(losses):.4f} " + " ".join(f"C-{k} {concordance(v):.3f}" for k, v in sets.items()))
print("a constant risk has C 0.5;", "sensor weights:", [round(v, 2) for v in net.sensors.weight.flatten().tolist()])
