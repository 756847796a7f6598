"""Predict the (log) price of second-hand bikes from the ad text. Weekend project.

EmbeddingBag(sum) is just linear regression on word counts, plus one hidden layer for interactions.
Trains in log-euros, standardised; reports the error in euros.
"""
import math
import random

import torch

torch.manual_seed(2020)
R = random.Random(2020)

KIND = {"kids": 4.2, "city": 5.2, "touring": 6.0, "gravel": 6.7, "road": 6.9, "mtb": 6.5, "ebike": 7.4}
STATE = {"new": .35, "mint": .25, "used": 0., "scratched": -.25, "rusty": -.6, "defect": -1.}
EXTRA = {"shimano": .1, "campagnolo": .35, "carbon": .6, "steel": -.05, "alu": 0., "basket": .03, "lights": .04, "lock": .02,
         "dynamo": .06, "mudguards": .02, "tubeless": .08}
NOISE = "selling because moving pick up in the evening no swaps price negotiable call me photos follow size".split()


def ad():
    kind, state = R.choice(list(KIND)), R.choice(list(STATE))
    extra = R.sample(list(EXTRA), R.randint(1, 4))
    logp = KIND[kind] + STATE[state] * (1.3 if kind == "ebike" else 1.0) + sum(EXTRA[e] for e in extra) + R.gauss(0, .12)
    body = [kind, state] + extra + R.sample(NOISE, R.randint(3, 8))
    R.shuffle(body)
    return " ".join(body), logp


ads = [ad() for _ in range(2400)]
assert len({a for a, _ in ads}) == len(ads)
fit, test = ads[:2000], ads[2000:]
words = {w: i for i, w in enumerate(sorted({w for a, _ in fit for w in a.split()}))}

mean = sum(p for _, p in fit) / len(fit)
std = math.sqrt(sum((p - mean) ** 2 for _, p in fit) / len(fit))


def bags(part):
    ids, starts, target = [], [], []
    for text, p in part:
        starts.append(len(ids))
        ids.extend(words[w] for w in text.split() if w in words)
        target.append((p - mean) / std)
    return torch.tensor(ids), torch.tensor(starts), torch.tensor(target)


class Pricer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.count = torch.nn.EmbeddingBag(len(words), 24, mode="sum")
        torch.nn.init.normal_(self.count.weight, std=0.2)
        self.hidden = torch.nn.Linear(24, 24)
        self.price = torch.nn.Linear(24, 1)

    def forward(self, ids, starts):
        h = self.count(ids, starts)
        h = h + torch.tanh(self.hidden(h))
        return self.price(h)[:, 0]


net = Pricer()
huber = torch.nn.HuberLoss(delta=1.0)
adam = torch.optim.Adam(net.parameters(), 5e-3)
sched = torch.optim.lr_scheduler.ExponentialLR(adam, 0.6)


def evaluate(part):
    ids, starts, t = bags(part)
    with torch.no_grad():
        p = net(ids, starts)
    r2 = 1 - ((p - t) ** 2).sum() / ((t - t.mean()) ** 2).sum()
    euros = ((p * std + mean).exp() - (t * std + mean).exp()).abs().median()
    return r2.item(), euros.item()


for epoch in range(7):
    R.shuffle(fit)
    losses = []
    for k in range(0, len(fit), 40):
        ids, starts, t = bags(fit[k:k + 40])
        loss = huber(net(ids, starts), t)
        adam.zero_grad()
        loss.backward()
        adam.step()
        losses.append(loss.item())
    sched.step()
    (ra, _), (rb, eur) = evaluate(fit), evaluate(test)
    print(f"epoch {epoch} huber {sum(losses)/len(losses):.4f} | R2 fit {ra:.3f} test {rb:.3f} | median error {eur:.0f} EUR")
