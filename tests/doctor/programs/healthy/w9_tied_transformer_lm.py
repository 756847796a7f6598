"""Tiny causal transformer LM over weather bulletins; the source's own entropy is known, so we can see how close we get."""
import math
import random
import torch
import torch.nn as nn

random.seed(31)
torch.manual_seed(31)
# place must be repeated at the end: the model has to look back
PLACES = "north south east west coast hills".split()
SKY = {"sunny": ["warm", "hot"], "cloudy": ["mild", "cool"], "rain": ["wet", "cool"], "snow": ["cold", "icy"]}
VOCAB = PLACES + list(SKY) + sorted({w for v in SKY.values() for w in v}) + ["in", "the", "it", "is", "and", "over", "."]
IDX = {w: i for i, w in enumerate(VOCAB)}


def bulletin():
    p, s = random.choice(PLACES), random.choice(list(SKY))
    return f"in the {p} it is {s} and {random.choice(SKY[s])} over the {p} .".split()


corpus = torch.tensor([[IDX[w] for w in bulletin()] for _ in range(2600)])
train, dev = corpus[:2200], corpus[2200:]
T = corpus.size(1)
floor = (math.log(6) + math.log(4) + math.log(2)) / (T - 1)


class LM(nn.Module):
    def __init__(self, n, d=32):
        super().__init__()
        self.tok = nn.Embedding(n, d)
        nn.init.normal_(self.tok.weight, std=d ** -0.5)
        self.pos = nn.Parameter(torch.randn(T, d) * 0.1)
        self.block = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.block2 = nn.TransformerEncoderLayer(d, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(d)
        self.head = nn.Linear(d, n, bias=False)
        self.head.weight = self.tok.weight
        self.register_buffer("future", torch.triu(torch.ones(T - 1, T - 1, dtype=torch.bool), 1))

    def forward(self, x):
        n = x.size(1)
        mask = self.future[:n, :n]
        h = self.tok(x) * self.tok.embedding_dim ** 0.5 + self.pos[:n]
        return self.head(self.norm(self.block2(self.block(h, src_mask=mask), src_mask=mask)))


lm = LM(len(VOCAB))


def nll(x):
    return nn.functional.cross_entropy(lm(x[:, :-1]).transpose(1, 2), x[:, 1:])


opt = torch.optim.AdamW(lm.parameters(), lr=4e-3, betas=(0.9, 0.98))
steps = 5 * math.ceil(len(train) / 64)
warm = torch.optim.lr_scheduler.LambdaLR(opt, lambda s: min((s + 1) / 20, max(0.02, 1 - s / steps)))
for epoch in range(5):
    lm.train()
    for ix in torch.randperm(len(train)).split(64):
        loss = nll(train[ix])
        opt.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
        opt.step()
        warm.step()
    lm.eval()
    with torch.no_grad():
        print("epoch %d ppl train %.3f dev %.3f (best possible %.3f)" % (epoch, nll(train).exp(), nll(dev).exp(), math.exp(floor)))
with torch.no_grad():
    print("place repeated right: %.3f" % (lm(dev[:, :-1])[:, -2].argmax(-1) == dev[:, -2]).float().mean())
