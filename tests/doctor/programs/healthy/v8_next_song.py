# next-song recommender for the student radio (GRU4Rec style, output tied to the song table)
import torch
import torch.nn as nn
import random

random.seed(21)
torch.manual_seed(21)
N_SONGS, N_GENRES, LEN = 120, 8, 10
genre_of = [i % N_GENRES for i in range(N_SONGS)]
by_genre = [[s for s in range(N_SONGS) if genre_of[s] == g] for g in range(N_GENRES)]
# every song has three songs of its genre that usually follow it
follows = [random.sample([t for t in by_genre[genre_of[s]] if t != s], 3) for s in range(N_SONGS)]


def playlist():
    s = random.randrange(N_SONGS)
    out = [s]
    while len(out) < LEN:
        s = random.choice(follows[s]) if random.random() < 0.85 else random.randrange(N_SONGS)
        out.append(s)
    return out


lists = torch.tensor(sorted({tuple(playlist()) for _ in range(2400)}))
lists = lists[torch.randperm(len(lists))]
train, test = lists[:2000], lists[2000:]


class NextSong(nn.Module):
    def __init__(self, n, d=40):
        super().__init__()
        self.songs = nn.Embedding(n, d)
        nn.init.normal_(self.songs.weight, std=0.3)
        self.rnn = nn.GRU(d, d, batch_first=True)
        self.mix = nn.Linear(d, d)
        self.bias = nn.Parameter(torch.zeros(n))

    def forward(self, x):
        h, _ = self.rnn(self.songs(x))
        return self.mix(h) @ self.songs.weight.t() + self.bias


class Trainer:
    def __init__(self, model, lr, epochs, batch):
        self.model, self.epochs, self.batch = model, epochs, batch
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)
        self.sched = torch.optim.lr_scheduler.CosineAnnealingLR(self.opt, epochs)
        self.ce = nn.CrossEntropyLoss()

    def step(self, x):
        logits = self.model(x[:, :-1])
        loss = self.ce(logits.reshape(-1, N_SONGS), x[:, 1:].reshape(-1))
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
        return loss.item()

    @torch.no_grad()
    def evaluate(self, x):
        self.model.eval()
        logits, y = self.model(x[:, :-1]), x[:, 1:]
        loss = self.ce(logits.reshape(-1, N_SONGS), y.reshape(-1)).item()
        hit3 = (logits.topk(3, dim=-1).indices == y.unsqueeze(-1)).any(-1).float().mean().item()
        self.model.train()
        return loss, hit3

    def fit(self, train, test):
        for epoch in range(1, self.epochs + 1):
            losses = [self.step(train[b]) for b in torch.randperm(len(train)).split(self.batch)]
            self.sched.step()
            loss, hit = self.evaluate(test)
            print(f"epoch {epoch:2d} train {sum(losses) / len(losses):.3f} test {loss:.3f} hit@3 {hit:.3f}")
        print("train: loss %.3f hit@3 %.3f" % self.evaluate(train))
        print("test : loss %.3f hit@3 %.3f (by chance %.3f)" % (*self.evaluate(test), 3 / N_SONGS))


Trainer(NextSong(N_SONGS), lr=5e-3, epochs=9, batch=40).fit(train, test)
