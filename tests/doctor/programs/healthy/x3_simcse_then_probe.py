"""Contrastive sentence embeddings without labels (word dropout makes the two views), then a linear probe on the frozen encoder."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(17)
N_TOPICS, VOCAB, LENGTH = 6, 240, 14
word_given_topic = (torch.randn(N_TOPICS, VOCAB) * 1.5).softmax(-1)


def sentences(n):
    z = torch.randint(N_TOPICS, (n,))
    return torch.multinomial(word_given_topic[z], LENGTH, replacement=True), z


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCAB, 32)
        self.proj = nn.Linear(32, 32)

    def forward(self, ids, keep=1.0):
        m = (torch.rand(ids.shape) < keep).float().unsqueeze(-1)
        pooled = (self.words(ids) * m).sum(1) / m.sum(1).clamp(min=1.0)
        return pooled, F.normalize(self.proj(pooled), dim=-1)


unlabelled, _ = sentences(2500)
probe_x, probe_y = sentences(800)
test_x, test_y = sentences(500)
enc = Encoder()
opt = torch.optim.Adam(enc.parameters(), lr=3e-3)
TEMP = 0.2
for epoch in range(8):
    total = 0.0
    for idx in torch.randperm(2500).split(125):
        _, a = enc(unlabelled[idx], keep=0.5)
        _, b = enc(unlabelled[idx], keep=0.5)
        sim = a @ b.T / TEMP
        target = torch.arange(len(idx))
        loss = 0.5 * (F.cross_entropy(sim, target) + F.cross_entropy(sim.T, target))
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    print(f"pretrain {epoch} info-nce {total / 20:.3f}")

for p in enc.parameters():
    p.requires_grad_(False)
enc.eval()
feat, feat_test = enc(probe_x)[0], enc(test_x)[0]
mean, std = feat.mean(0), feat.std(0)
feat, feat_test = (feat - mean) / std, (feat_test - mean) / std
head = nn.Linear(32, N_TOPICS)
opt = torch.optim.SGD(head.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-3)
for epoch in range(8):
    for idx in torch.randperm(800).split(50):
        loss = F.cross_entropy(head(feat[idx]), probe_y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
acc = lambda f, y: (head(f).argmax(-1) == y).float().mean().item()
print(f"probe accuracy: fit {acc(feat, probe_y):.3f} test {acc(feat_test, test_y):.3f} (chance {1 / N_TOPICS:.3f})")
