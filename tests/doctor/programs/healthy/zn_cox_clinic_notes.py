"""Cox proportional hazards from short clinical notes (synthetic cohort).

Each note is a bag of findings. The survival time is exponential with a hazard that depends on the findings;
patients leave the study at random (right censoring). Loss: negative Breslow partial log-likelihood in a batch.
"""
import numpy as np
import torch

SEED = 17
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

BAD = "sepsis metastasis smoker obese frail dyspnoea oedema arrhythmia cachexia anaemia".split()
GOOD = "athlete vaccinated afebrile ambulant remission stable".split()
NEUTRAL = [f"finding{i}" for i in range(60)]
WORDS = BAD + GOOD + NEUTRAL
effect = np.concatenate([rng.uniform(0.7, 1.6, len(BAD)), -rng.uniform(0.7, 1.6, len(GOOD)), np.zeros(len(NEUTRAL))])
p = np.concatenate([np.full(16, 0.035), np.full(60, 0.44 / 60)])
p = p / p.sum()


def cohort(n):
    notes = [rng.choice(len(WORDS), rng.integers(5, 13), p=p) for _ in range(n)]
    hazard = np.array([0.1 * np.exp(effect[k].sum()) for k in notes])
    death = rng.exponential(1 / hazard)
    leave = rng.exponential(25.0, n)
    return notes, np.minimum(death, leave), death <= leave, np.log(hazard)


def tensors(notes):
    offsets = torch.tensor(np.concatenate([[0], np.cumsum([len(k) for k in notes])[:-1]]))
    return torch.tensor(np.concatenate(notes)), offsets


def partial_nll(risk, time, event):
    order = torch.argsort(time, descending=True)
    risk, event = risk[order], event[order]
    at_risk = torch.logcumsumexp(risk, 0)              # everyone who is still there
    return -((risk - at_risk) * event).sum() / event.sum()


def c_index(score, time, event):
    earlier = (time[:, None] < time[None]) & event[:, None]
    better = (score[:, None] > score[None]) + 0.5 * (score[:, None] == score[None])
    return (better * earlier).sum() / earlier.sum()


class RiskNet(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.bag = torch.nn.EmbeddingBag(n, 1, mode="sum")
        torch.nn.init.zeros_(self.bag.weight)

    def forward(self, flat, offsets):
        return self.bag(flat, offsets).squeeze(1)       # no bias: it cancels in the partial likelihood


fit, val = cohort(2400), cohort(600)
print(f"events: {fit[2].mean():.2f} of the cohort; c-index of the true hazard on validation "
      f"{c_index(val[3], val[1], val[2]):.3f}")
net = RiskNet(len(WORDS))
opt = torch.optim.Adam(net.parameters(), lr=0.05)
for epoch in range(6):
    losses = []
    perm = rng.permutation(len(fit[0]))
    for part in np.array_split(perm, 12):
        flat, off = tensors([fit[0][i] for i in part])
        loss = partial_nll(net(flat, off), torch.tensor(fit[1][part]), torch.tensor(fit[2][part]))
        opt.zero_grad()
        loss.backward()
        opt.step()
        losses.append(loss.item())
    for gr in opt.param_groups:
        gr["lr"] *= 0.7
    with torch.no_grad():
        cv = c_index(net(*tensors(val[0])).numpy(), val[1], val[2])
        cf = c_index(net(*tensors(fit[0])).numpy(), fit[1], fit[2])
    print(f"epoch {epoch + 1}  -log PL {np.mean(losses):.3f}  c-index fit {cf:.3f} validation {cv:.3f}")
learnt = net.bag.weight.detach().squeeze(1).numpy()
print("correlation with the true effects:", round(float(np.corrcoef(learnt, effect)[0, 1]), 3))
