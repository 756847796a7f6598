"""Pointer network over short stories: the answer is a *position* in the story, not a word of a vocabulary.

    the baker lives in rome . they say the doctor moved to oslo .   |  doctor  ->  10
"""
import math
import random

import torch
from torch import nn

random.seed(77)
torch.manual_seed(77)

PEOPLE = ["baker", "doctor", "teacher", "pilot", "nurse", "farmer", "lawyer", "singer", "cook", "clerk"]
PLACES = ["rome", "oslo", "paris", "lima", "cairo", "delhi", "tokyo", "berlin", "quito", "dublin", "kiev", "boston"]
VERBS = ["lives in", "moved to", "works near", "is in"]
OPEN = ["the", "they say the", "so the", "now the"]


def story():
    people = random.sample(PEOPLE, random.randint(2, 3))
    words, where = [], {}
    for p in people:
        words += random.choice(OPEN).split() + [p] + random.choice(VERBS).split()
        where[p] = len(words)
        words += [random.choice(PLACES), "."]
    who = random.choice(people)
    return words, who, where[who]


seen, stories = set(), []
while len(stories) < 2000:
    s = story()
    key = (tuple(s[0]), s[1])
    if key not in seen:
        seen.add(key)
        stories.append(s)
itos = ["<pad>"] + sorted(set(PEOPLE) | set(PLACES) | {w for s, _, _ in stories for w in s})
stoi = {w: i for i, w in enumerate(itos)}


class Pointer(nn.Module):
    def __init__(self, dim=24, hid=32):
        super().__init__()
        self.emb = nn.Embedding(len(itos), dim, padding_idx=0)
        self.enc = nn.GRU(dim, hid, batch_first=True)
        self.W_story = nn.Parameter(torch.empty(hid, hid))
        self.W_query = nn.Parameter(torch.empty(dim, hid))
        self.v = nn.Parameter(torch.empty(hid))
        for w in (self.W_story, self.W_query):
            nn.init.xavier_uniform_(w)
        nn.init.uniform_(self.v, -1 / math.sqrt(hid), 1 / math.sqrt(hid))

    def forward(self, story, lengths, query):
        states, _ = self.enc(self.emb(story))      # padding stands at the end, a forward GRU never reads it before a word
        u = torch.tanh(states @ self.W_story + (self.emb(query) @ self.W_query)[:, None, :]) @ self.v
        u = u.masked_fill(torch.arange(story.size(1))[None, :] >= lengths[:, None], float("-inf"))
        return u - torch.logsumexp(u, dim=1, keepdim=True)      # log-distribution over positions


def batches(rows, size, shuffle):
    order = random.sample(range(len(rows)), len(rows)) if shuffle else range(len(rows))
    order = list(order)
    for b in range(0, len(order), size):
        part = [rows[i] for i in order[b:b + size]]
        lengths = torch.tensor([len(w) for w, _, _ in part])
        ids = torch.zeros(len(part), int(lengths.max()), dtype=torch.long)
        for r, (w, _, _) in enumerate(part):
            ids[r, :len(w)] = torch.tensor([stoi[t] for t in w])
        yield ids, lengths, torch.tensor([stoi[q] for _, q, _ in part]), torch.tensor([a for _, _, a in part])


def score(model, rows):
    model.eval()
    hit = nll = 0
    with torch.no_grad():
        for ids, lengths, query, gold in batches(rows, 100, False):
            lp = model(ids, lengths, query)
            hit += (lp.argmax(1) == gold).sum().item()
            nll -= lp.gather(1, gold[:, None]).sum().item()
    return hit / len(rows), nll / len(rows)


train, dev = stories[:1600], stories[1600:]
net = Pointer()
optim = torch.optim.Adam(net.parameters(), lr=1e-2)
decay = torch.optim.lr_scheduler.MultiStepLR(optim, [4, 6], gamma=0.3)
for epoch in range(7):
    net.train()
    for ids, lengths, query, gold in batches(train, 50, True):
        logp = net(ids, lengths, query)
        loss = -logp[torch.arange(len(gold)), gold].mean()
        optim.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optim.step()
    decay.step()
    acc, nll = score(net, dev)
    print("epoch {} train batch nll {:.4f}   dev nll {:.4f}   right position {:.3f}".format(epoch, loss.item(), nll, acc))
print("train: right position %.3f" % score(net, train)[0])
