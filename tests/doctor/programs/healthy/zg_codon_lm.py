# Codon language model for one organism: GRU, input and output embeddings tied, evaluated with an EMA copy.
import copy
import math
import torch
from torch import nn

torch.manual_seed(17)
N, L, H = 64, 40, 32
trans = torch.softmax(2.2 * torch.randn(8, 8), 1)              # 8 hidden amino-acid-like states, 8 codons each
bias = torch.softmax(1.2 * torch.randn(8, 8), 1)


def genes(n):
    state = torch.randint(0, 8, (n,))
    cols = []
    for _ in range(L + 1):
        cols.append(state * 8 + torch.multinomial(bias[state], 1)[:, 0])
        state = torch.multinomial(trans[state], 1)[:, 0]
    return torch.stack(cols, 1)


class CodonLM(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(N, H)
        nn.init.normal_(self.emb.weight, std=H ** -0.5)
        self.rnn = nn.GRU(H, H, batch_first=True)
        self.head = nn.Linear(H, N)
        self.head.weight = self.emb.weight

    def forward(self, x):
        return self.head(self.rnn(self.emb(x))[0])


train, dev = genes(700), genes(200)
net = CodonLM()
shadow = copy.deepcopy(net).requires_grad_(False).eval()
opt = torch.optim.AdamW(net.parameters(), lr=8e-3, weight_decay=1e-2)


def nll(model, seqs):
    out = model(seqs[:, :-1])
    return nn.functional.cross_entropy(out.reshape(-1, N), seqs[:, 1:].reshape(-1))


freq = torch.bincount(train.flatten(), minlength=N) + 1.0
print("unigram perplexity %.2f" % math.exp(-(freq / freq.sum()).log()[dev[:, 1:]].mean()))
for epoch in range(5):
    tot, steps = 0.0, 0
    for idx in torch.randperm(len(train)).split(28):
        loss = nll(net, train[idx])
        opt.zero_grad(); loss.backward(); opt.step()
        with torch.no_grad():
            for a, b in zip(shadow.parameters(), net.parameters()):
                a.lerp_(b, 0.1)
        tot += loss.item(); steps += 1
    with torch.no_grad():
        print("epoch %d  train ppl %.2f  dev ppl (EMA) %.2f" % (epoch, math.exp(tot / steps), math.exp(nll(shadow, dev))))
