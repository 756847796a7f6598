# End-to-end memory network (one and two hops) on bAbI-like stories: "where is sandra ?"
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(6); torch.manual_seed(6)
PEOPLE = ['mary', 'john', 'sandra', 'daniel', 'lea', 'tom']
PLACES = ['kitchen', 'garden', 'office', 'hallway', 'cellar', 'attic']
VERBS = ['went to', 'moved to', 'travelled to', 'ran to']
N_FACTS = 6


def story():
    facts, where = [], {}
    for _ in range(N_FACTS):
        p, l = random.choice(PEOPLE), random.choice(PLACES)
        facts.append(f'{p} {random.choice(VERBS)} the {l}'.split())
        where[p] = l
    who = random.choice(sorted(where))
    return facts, who, PLACES.index(where[who])


vocab = {w: i for i, w in enumerate(sorted(set(' '.join(PEOPLE + PLACES + VERBS + ['the']).split())))}


def vec(stories):
    S = torch.tensor([[[vocab[w] for w in f] for f in s[0]] for s in stories])   # B, facts, 5
    Q = torch.tensor([vocab[s[1]] for s in stories])
    A = torch.tensor([s[2] for s in stories])
    return S, Q, A


class MemN2N(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        n = len(vocab)
        self.A, self.C = nn.Embedding(n, d), nn.Embedding(n, d)
        self.B = self.A                       # question shares the memory's embedding
        self.TA = nn.Parameter(torch.zeros(N_FACTS, 1))   # a bias per age: later facts count more
        self.W = nn.Linear(d, len(PLACES))
        for e in (self.A, self.C):
            nn.init.normal_(e.weight, std=0.3)

    def forward(self, S, Q):
        m = self.A(S).sum(2)                  # every sentence has five words: no padding
        c = self.C(S).sum(2)
        u = self.B(Q)
        score = torch.einsum('bfd,bd->bf', m, u) + self.TA.squeeze(1)
        p = F.softmax(score, dim=1)
        return self.W(torch.einsum('bf,bfd->bd', p, c)), p


train, test = [story() for _ in range(4000)], [story() for _ in range(500)]
S, Q, A = vec(train)
St, Qt, At = vec(test)
model = MemN2N()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(6):
    tot = 0.
    for idx in torch.randperm(len(S)).split(32):
        logits, _ = model(S[idx], Q[idx])
        loss = F.cross_entropy(logits, A[idx])
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.)
        opt.step()
        tot += loss.item() * len(idx)
    with torch.no_grad():
        acc = [(model(s, q)[0].argmax(1) == a).float().mean().item() for s, q, a in ((S, Q, A), (St, Qt, At))]
    print('epoch %d | loss %.4f | train %.3f | test %.3f' % (epoch + 1, tot / len(S), *acc))
print('age bias', [round(v, 1) for v in model.TA.detach().squeeze(1).tolist()])
