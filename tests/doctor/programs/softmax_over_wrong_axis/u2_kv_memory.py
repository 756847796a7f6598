"""Key-value memory network for questions about a small table of facts.

Each story holds M facts (entity, relation, value) and comes with Q questions.  A question names an entity and a
relation, the answer is the value stored with them in this story.  Entities, relations and values share one symbol table.
"""
import math
import random

import torch
import torch.nn as nn

SEED = 21
N_ENT, N_REL, N_VAL = 20, 5, 6
M, Q = 12, 2
DIM = 32
random.seed(SEED)
torch.manual_seed(SEED)

ENT0, REL0, VAL0 = 0, N_ENT, N_ENT + N_REL
N_SYMBOLS = N_ENT + N_REL + N_VAL


def story():
    # a few entities with several relations each, so both halves of the key matter
    people = random.sample(range(N_ENT), 4)
    pairs = random.sample([(e, r) for e in people for r in range(N_REL)], M)
    facts = [(ENT0 + e, REL0 + r, VAL0 + random.randrange(N_VAL)) for e, r in pairs]
    asked = random.sample(facts, Q)
    return facts, [(e, r) for e, r, _ in asked], [v - VAL0 for _, _, v in asked]


def build(n):
    rows = [story() for _ in range(n)]
    facts = torch.tensor([r[0] for r in rows])
    questions = torch.tensor([r[1] for r in rows])
    answers = torch.tensor([r[2] for r in rows])
    return facts, questions, answers


class KVMemNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.symbols = nn.Embedding(N_SYMBOLS, DIM)
        self.key_proj = nn.Linear(2 * DIM, DIM)
        self.query_proj = nn.Linear(2 * DIM, DIM)
        self.answer = nn.Linear(DIM, N_VAL)

    def address(self, facts, questions):
        keys = self.key_proj(self.symbols(facts[:, :, :2]).flatten(2))      # B x M x D
        query = self.query_proj(self.symbols(questions).flatten(2))         # B x Q x D
        match = query @ keys.transpose(1, 2) / math.sqrt(DIM)               # B x Q x M
        # fault:
        return match.softmax(1)
        # mended:
        #return match.softmax(2)
        # end

    def forward(self, facts, questions):
        weights = self.address(facts, questions)
        values = self.symbols(facts[:, :, 2])
        read = weights @ values
        return self.answer(read)


def ask(model, facts, questions, answers):
    model.eval()
    with torch.no_grad():
        return (model(facts, questions).argmax(-1) == answers).float().mean().item()


train = build(2400)
test = build(300)
net = KVMemNet()
optim = torch.optim.Adam(net.parameters(), lr=4e-3)
lossf = nn.CrossEntropyLoss()

for ep in range(1, 6):
    net.train()
    losses = []
    perm = torch.randperm(len(train[0]))
    for i in range(0, len(perm), 64):
        b = perm[i:i + 64]
        optim.zero_grad()
        loss = lossf(net(train[0][b], train[1][b]).flatten(0, 1), train[2][b].flatten())
        loss.backward()
        optim.step()
        losses.append(loss.item())
    print(f"ep {ep:2d} | loss {sum(losses) / len(losses):.4f} | answers right {ask(net, *test):.3f}")
print("training stories: %.3f" % ask(net, *train))
