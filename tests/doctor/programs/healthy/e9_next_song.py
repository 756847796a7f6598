"""What song comes next? Session GRU with tied input/output vectors and gradient accumulation."""
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(9)
torch.manual_seed(9)
N_SONGS, LEN = 80, 12
followers = [random.sample(range(1, N_SONGS + 1), 3) for _ in range(N_SONGS + 1)]


def session():
    s = [random.randint(1, N_SONGS)]
    for _ in range(random.randint(5, LEN - 1)):
        r = random.random()
        s.append(random.randint(1, N_SONGS) if r < 0.1 else random.choices(followers[s[-1]], [6, 3, 1])[0])
    return s


sessions = list({tuple(session()) for _ in range(1800)})
sessions.sort()
random.shuffle(sessions)
train, valid = sessions[:1500], sessions[1500:]


def pad(batch):
    t = torch.zeros(len(batch), LEN, dtype=torch.long)
    for i, s in enumerate(batch):
        t[i, :len(s)] = torch.tensor(s)
    return t[:, :-1], t[:, 1:]


class NextSong(nn.Module):
    def __init__(self, n, dim=32):
        super().__init__()
        self.song = nn.Embedding(n + 1, dim, padding_idx=0)
        self.gru = nn.GRU(dim, dim, batch_first=True)
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, n + 1)
        self.out.weight = self.song.weight

    def forward(self, x):
        h, _ = self.gru(self.song(x))
        return self.out(self.norm(h))


net = NextSong(N_SONGS)
optimizer = torch.optim.Adam(net.parameters(), lr=8e-3)
ACCUM = 2


class Trainer:
    def __init__(self, net, optimizer):
        self.net, self.optimizer = net, optimizer

    def fit_epoch(self, rows, size=16):
        self.net.train()
        random.shuffle(rows)
        total, n = 0.0, 0
        self.optimizer.zero_grad()
        chunks = [rows[i:i + size] for i in range(0, len(rows), size)]
        for k, chunk in enumerate(chunks):
            x, y = pad(chunk)
            loss = F.cross_entropy(self.net(x).transpose(1, 2), y, ignore_index=0)
            (loss / ACCUM).backward()
            total += loss.item()
            n += 1
            if (k + 1) % ACCUM == 0 or k + 1 == len(chunks):
                self.optimizer.step()
                self.optimizer.zero_grad()
        return total / n

    @torch.no_grad()
    def score(self, rows):
        self.net.eval()
        x, y = pad(rows)
        logits = self.net(x)
        loss = F.cross_entropy(logits.transpose(1, 2), y, ignore_index=0).item()
        real = y != 0
        top = logits[real].topk(3).indices
        hit1 = (top[:, 0] == y[real]).float().mean().item()
        hit3 = (top == y[real].unsqueeze(1)).any(1).float().mean().item()
        return loss, hit1, hit3


trainer = Trainer(net, optimizer)
sched = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.1, total_iters=6)
print("%d sessions for training, random hit@3 would be %.3f" % (len(train), 3 / N_SONGS))
for epoch in range(7):
    tl = trainer.fit_epoch(train)
    sched.step()
    if epoch % 2 == 0:
        vl, h1, h3 = trainer.score(valid)
        print("epoch %2d  train loss %.3f  valid loss %.3f  hit@1 %.3f  hit@3 %.3f" % (epoch + 1, tl, vl, h1, h3))
