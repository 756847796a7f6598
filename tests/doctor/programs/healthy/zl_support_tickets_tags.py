#!/usr/bin/env python3
# Multi-label tagging of support tickets: TfidfVectorizer -> one linear layer -> BCE.
# Rare tags get a pos_weight, thresholds stay at 0.
import random
import numpy as np
import torch
from torch import nn
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split

random.seed(11)
np.random.seed(11)
torch.manual_seed(11)

PHRASES = {
    "billing": ["charged twice", "invoice is wrong", "refund not received", "credit card declined", "billed for last year"],
    "login": ["password rejected", "cannot sign in", "account locked", "reset link expired", "code by sms never came"],
    "shipping": ["parcel is late", "courier left it outside", "tracking shows nothing", "box arrived damaged"],
    "feature": ["please add dark mode", "would love an export button", "wish there was a widget"],
    "legal": ["delete all my data", "gdpr request attached", "my lawyer will write"],
}
RATE = {"billing": .35, "login": .35, "shipping": .3, "feature": .15, "legal": .06}
GLUE = ["hello team", "since monday", "on my phone", "thank you", "any news", "it is urgent", "i use the android app",
        "kind regards", "second message already", "i am a loyal customer", "in our office in porto", "best wishes from lima"]
TAGS = list(PHRASES)


def ticket():
    tags = [t for t in TAGS if random.random() < RATE[t]]
    parts = [random.choice(PHRASES[t]) for t in tags] + random.sample(GLUE, random.randint(2, 4))
    random.shuffle(parts)
    return ", ".join(parts), [float(t in tags) for t in TAGS]


tickets = {}
while len(tickets) < 1700:
    s, t = ticket()
    tickets[s] = t
texts, y = list(tickets), np.array(list(tickets.values()), dtype=np.float32)
txt_a, txt_b, ya, yb = train_test_split(texts, y, test_size=0.25, random_state=0)

tfidf = TfidfVectorizer(ngram_range=(1, 2), min_df=3)
xa = torch.from_numpy(tfidf.fit_transform(txt_a).toarray().astype(np.float32))
xb = torch.from_numpy(tfidf.transform(txt_b).toarray().astype(np.float32))
ya, yb = torch.from_numpy(ya), torch.from_numpy(yb)
print("features:", xa.shape[1], " share of each tag:", dict(zip(TAGS, ya.mean(0).numpy().round(3))))

pos = ya.sum(0)
weight = ((len(ya) - pos) / pos).sqrt()
layer = nn.Linear(xa.shape[1], len(TAGS))
nn.init.zeros_(layer.weight)        # convex problem, zeros are a fine place to start
nn.init.zeros_(layer.bias)
loss_fn = nn.BCEWithLogitsLoss(pos_weight=weight)
sgd = torch.optim.SGD(layer.parameters(), lr=4.0, momentum=0.9)
decay = torch.optim.lr_scheduler.LambdaLR(sgd, lambda e: 1 - e / 5)

for epoch in range(5):
    perm = torch.randperm(len(xa))
    seen = 0.0
    for i in range(0, len(perm), 50):
        b = perm[i:i + 50]
        sgd.zero_grad(set_to_none=True)
        loss = loss_fn(layer(xa[b]), ya[b])
        loss.backward()
        sgd.step()
        seen += loss.item() * len(b)
    decay.step()
    with torch.no_grad():
        fa = f1_score(ya.numpy(), (layer(xa) > 0).numpy(), average="macro")
        fb = f1_score(yb.numpy(), (layer(xb) > 0).numpy(), average="macro")
    print(f"[{epoch}] bce={seen/len(xa):.4f} macro-F1 train={fa:.3f} held-out={fb:.3f}")
per = f1_score(yb.numpy(), (layer(xb).detach() > 0).numpy(), average=None)
print({t: round(float(v), 3) for t, v in zip(TAGS, per)})
