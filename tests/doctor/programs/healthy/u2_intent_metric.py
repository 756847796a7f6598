"""Metric learning for help-desk questions: in-batch softmax over cosine similarities (N-pairs), scored by nearest
neighbour among one labelled example per intent, on questions not seen in training."""
import random

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(12)
rnd = random.Random(12)

TOPICS = ["invoice", "password", "parcel", "router", "contract", "refund", "camera", "voucher", "printer", "ticket"]
ACTIONS = {"cancel": ["cancel", "stop", "terminate", "drop"],
           "change": ["change", "edit", "modify", "update"],
           "find": ["find", "locate", "see", "search"],
           "repair": ["repair", "fix", "mend", "restore"]}
OPEN = ["hi", "hello", "please", "so", "um", "good", "morning", "sorry"]
MIDDLE = ["how", "can", "i", "my", "the", "want", "to", "would", "like", "need", "help", "could", "you", "me"]
CLOSE = ["thanks", "urgent", "today", "again", "quickly", "now"]
INTENTS = [(a, t) for a in ACTIONS for t in TOPICS]


def question(intent):
    act, topic = INTENTS[intent]
    body = rnd.sample(MIDDLE, rnd.randint(2, 4)) + [rnd.choice(ACTIONS[act])] + rnd.sample(MIDDLE, 1) + [topic]
    return " ".join(rnd.sample(OPEN, rnd.randint(0, 2)) + body + rnd.sample(CLOSE, rnd.randint(0, 2)))


by_intent, used = [], set()
for k in range(len(INTENTS)):
    qs = []
    while len(qs) < 44:
        q = question(k)
        if q not in used:
            used.add(q)
            qs.append(q)
    by_intent.append(qs)
train = [qs[:34] for qs in by_intent]
test = [qs[34:] for qs in by_intent]
vocab = {w: i for i, w in enumerate(sorted({w for qs in train for q in qs for w in q.split()}))}


class Encoder(nn.Module):
    """Weighted bag: every word has a vector and a learned importance."""

    def __init__(self, n, dim=32):
        super().__init__()
        self.vec = nn.Embedding(n, dim)
        self.importance = nn.Embedding(n, 1)
        nn.init.normal_(self.vec.weight, std=0.3)
        nn.init.zeros_(self.importance.weight)
        self.proj = nn.Linear(dim, dim, bias=False)

    def forward(self, texts):
        ids = [[vocab[w] for w in t.split()] for t in texts]
        flat = torch.tensor([i for s in ids for i in s])
        owner = torch.tensor([k for k, s in enumerate(ids) for _ in s])
        w = self.importance(flat).exp()
        pooled = torch.zeros(len(texts), self.vec.embedding_dim).index_add(0, owner, w * self.vec(flat))
        return F.normalize(self.proj(pooled), dim=-1)


def recall_at_1(enc, sets):
    enc.eval()
    with torch.no_grad():
        anchors = enc([qs[0] for qs in train])
        hits = [(enc(qs) @ anchors.T).argmax(1).eq(k).float().mean().item() for k, qs in enumerate(sets)]
    return sum(hits) / len(hits)


enc = Encoder(len(vocab))
opt = torch.optim.AdamW(enc.parameters(), lr=1e-2, weight_decay=1e-4)
print("before training: recall@1 %.3f, chance %.3f" % (recall_at_1(enc, test), 1 / len(INTENTS)))
for step in range(1, 151):
    enc.train()
    pairs = [rnd.sample(qs, 2) for qs in train]
    a, p = enc([x for x, _ in pairs]), enc([y for _, y in pairs])
    sims = a @ p.T / 0.1
    target = torch.arange(len(sims))
    loss = (F.cross_entropy(sims, target) + F.cross_entropy(sims.T, target)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 25 == 0:
        print("step %3d  loss %.3f  recall@1 new questions %.3f" % (step, loss.item(), recall_at_1(enc, test)))
print("recall@1 on training questions %.3f" % recall_at_1(enc, [qs[1:] for qs in train]))
