# Prototypical networks (Snell et al. 2017) on utterance vectors: 5-way 5-shot, speakers of the test are new.
import torch
import torch.nn as nn
import torch.nn.functional as F

g = torch.Generator().manual_seed(99)
torch.manual_seed(99)
DIM, ID = 40, 10
MIX = torch.randn(DIM, DIM, generator=g) / DIM ** 0.5      # identity and session are mixed by the recording


def utterances(speakers, k):
    ident = speakers[:, None] + 0.35 * torch.randn(len(speakers), k, ID, generator=g)
    session = 3.0 * torch.randn(len(speakers), k, DIM - ID, generator=g)
    return torch.cat([ident, session], -1) @ MIX


train_spk = torch.randn(300, ID, generator=g)
test_spk = torch.randn(80, ID, generator=g)


def episode(speakers, way=5, shot=5, query=10):
    pick = torch.randperm(len(speakers), generator=g)[:way]
    rows = utterances(speakers[pick], shot + query)
    return rows[:, :shot], rows[:, shot:]


def logits(enc, support, query):
    protos = enc(support).mean(1)                       # mean over the shots of each speaker
    q = enc(query).flatten(0, 1)
    return -torch.cdist(q, protos).pow(2)


def run(enc, speakers, episodes):
    enc.eval()
    hit = []
    with torch.no_grad():
        for _ in range(episodes):
            s, q = episode(speakers)
            target = torch.arange(5).repeat_interleave(q.size(1))
            hit.append((logits(enc, s, q).argmax(1) == target).float().mean())
    return torch.stack(hit).mean().item()


enc = nn.Linear(DIM, 16, bias=False)
optimiser = torch.optim.Adam(enc.parameters(), lr=5e-3)
schedule = torch.optim.lr_scheduler.StepLR(optimiser, 300, gamma=0.3)
print("untrained: %.3f" % run(enc, test_spk, 40))
for block in range(6):
    enc.train()
    tot = 0.0
    for _ in range(100):
        s, q = episode(train_spk)
        target = torch.arange(5).repeat_interleave(q.size(1))
        loss = F.cross_entropy(logits(enc, s, q), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        tot += loss.item()
    print(f"block {block}: episode loss {tot / 100:.3f}  seen speakers {run(enc, train_spk, 40):.3f}  "
          f"new speakers {run(enc, test_spk, 40):.3f}")
