"""Prototypical network over distributional word vectors: semantic roles of verbs, tested on verbs that are in no episode.

The vectors come from a large unlabelled corpus: most of their variance is topic and register, the role is a small part of them.
"""
import random

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = 3
random.seed(SEED)
np.random.seed(SEED)
torch.manual_seed(SEED)
N_ROLES, N_WORDS, DIM = 6, 900, 48


def corpus_vectors():
    basis, _ = np.linalg.qr(np.random.randn(DIM, DIM))
    role = np.random.randint(0, N_ROLES, N_WORDS)
    centres = np.random.randn(N_ROLES, 5) * 0.4
    small = centres[role] + 0.13 * np.random.randn(N_WORDS, 5)
    big = np.random.randn(N_WORDS, DIM - 5) * 0.75
    vectors = np.concatenate([small, big], 1) @ basis
    return torch.tensor(vectors, dtype=torch.float32), torch.tensor(role)


vectors, roles = corpus_vectors()
perm = torch.randperm(N_WORDS)
annotated, held_out = perm[:600], perm[600:]
by_role = [annotated[roles[annotated] == k] for k in range(N_ROLES)]


class ProtoNet(nn.Module):
    def __init__(self, table, dim=12):
        super().__init__()
        # fault:
        self.words = nn.Embedding.from_pretrained(table.clone(), freeze=False)
        # mended:
        #self.words = nn.Embedding.from_pretrained(table.clone(), freeze=True)
        # end
        self.proj = nn.Linear(table.size(1), dim, bias=False)

    def forward(self, ids):
        return self.proj(self.words(ids))


def distances(q, protos):
    return ((q.unsqueeze(1) - protos) ** 2).sum(2)


@torch.no_grad()
def evaluate(net):
    net.eval()
    protos = torch.stack([net(ids).mean(0) for ids in by_role])
    scores = []
    for ids in (annotated, held_out):
        logits = -distances(net(ids), protos)
        scores.append((logits.argmax(1) == roles[ids]).float().mean().item())
    return scores


net = ProtoNet(vectors)
optim = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
WAY_SHOTS, WAY_QUERIES = 8, 12
target = torch.arange(N_ROLES).repeat_interleave(WAY_QUERIES)
for episode in range(1, 351):
    net.train()
    picks = torch.stack([ids[torch.randperm(len(ids))[:WAY_SHOTS + WAY_QUERIES]] for ids in by_role])
    protos = net(picks[:, :WAY_SHOTS]).mean(1)
    queries = net(picks[:, WAY_SHOTS:]).flatten(0, 1)
    loss = F.cross_entropy(-distances(queries, protos), target)
    optim.zero_grad()
    loss.backward()
    optim.step()
    if episode % 50 == 0:
        fit, acc = evaluate(net)
        print(f"episode {episode}: loss {loss.item():.3f}  annotated verbs {fit:.3f}  held-out verbs {acc:.3f}")

largest = torch.bincount(roles[held_out]).max().item() / len(held_out)
print(f"role accuracy on {len(held_out)} held-out verbs: {acc:.3f} (largest role {largest:.3f})")
