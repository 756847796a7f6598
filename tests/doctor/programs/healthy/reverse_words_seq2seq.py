"""Reverse a made-up word, letter by letter: GRU encoder, GRUCell decoder, scheduled sampling, greedy decoding."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(14)
torch.manual_seed(14)
LETTERS = "abcdefgh"
BOS, EOS = 8, 9
words = sorted({"".join(random.choice(LETTERS) for _ in range(5)) for _ in range(3400)})
random.shuffle(words)
test, train = words[:400], words[400:]
# all words have the same length, so there is nothing to pad
ids = lambda ws: torch.tensor([[LETTERS.index(c) for c in w] for w in ws])


class Reverser(nn.Module):
    def __init__(self, e=24, h=64):
        super().__init__()
        self.emb = nn.Embedding(10, e)
        self.enc = nn.GRU(e, h, batch_first=True)
        self.cell = nn.GRUCell(e + h, h)
        self.out = nn.Linear(h, 10)

    def forward(self, src, target=None, p_teacher=0.0):
        memory, h = self.enc(self.emb(src))
        h = h[0]
        y = torch.full((len(src),), BOS)
        steps = []
        for t in range(src.shape[1] + 1):
            a = torch.softmax((memory @ h.unsqueeze(2)).squeeze(2) / 8, 1)
            h = self.cell(torch.cat([self.emb(y), (a.unsqueeze(1) @ memory).squeeze(1)], 1), h)
            o = self.out(h)
            steps.append(o)
            y = target[:, t] if random.random() < p_teacher else o.argmax(1)
        return torch.stack(steps, 1)


def with_eos(x):
    return torch.cat([x.flip(1), torch.full((len(x), 1), EOS)], 1)


X, Xt = ids(train), ids(test)
Y, Yt = with_eos(X), with_eos(Xt)
net = Reverser()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 5, eta_min=1e-3)
for epoch in range(5):
    net.train()
    loss_sum = 0
    for b in torch.randperm(len(X)).split(64):
        out = net(X[b], Y[b], p_teacher=1 - 0.1 * epoch)
        loss = F.cross_entropy(out.flatten(0, 1), Y[b].flatten())
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
        loss_sum += loss.item() * len(b)
    sched.step()
    net.eval()
    with torch.no_grad():
        hit = net(Xt).argmax(-1) == Yt
    print(f"{epoch + 1}: loss {loss_sum / len(X):.4f}  held-out letters {hit.float().mean():.3f}  words {hit.all(1).float().mean():.3f}")
