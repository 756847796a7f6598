# Predicting star ratings with a GRU (regression). Course exercise 4, "Sequence models".
import random
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence
from torch.utils.data import DataLoader

random.seed(3)
torch.manual_seed(3)

WORDS = {'awful': -2., 'terrible': -2., 'broken': -1.6, 'bad': -1.2, 'poor': -1.1, 'slow': -.7, 'meh': -.4,
         'fine': .3, 'okay': .2, 'good': 1., 'nice': .9, 'great': 1.5, 'superb': 2., 'lovely': 1.4, 'perfect': 2.1,
         'fast': .6, 'noisy': -.8, 'sturdy': .7, 'flimsy': -1., 'cheap': -.3}
FILLER = 'the a it is was very phone cable box screen arrived came with my our and but for i we bought on order'.split()


def make_review():
    n = random.randint(5, 14)
    toks, score = [], 3.0
    for _ in range(n):
        if random.random() < 0.35:
            w = random.choice(list(WORDS))
            score += 0.6 * WORDS[w]
        else:
            w = random.choice(FILLER)
        toks.append(w)
    return toks, score + random.gauss(0, 0.1)


reviews = [make_review() for _ in range(1700)]
vocab = {w: i + 1 for i, w in enumerate(sorted(WORDS) + FILLER)}   # 0 = padding


def collate(samples):
    x = [torch.tensor([vocab[t] for t in toks]) for toks, _ in samples]
    lengths = torch.tensor([len(t) for t in x])
    stars = torch.tensor([s for _, s in samples])
    return pad_sequence(x, batch_first=True), lengths, stars


train_loader = DataLoader(reviews[:1400], batch_size=32, shuffle=True, collate_fn=collate)
test_loader = DataLoader(reviews[1400:], batch_size=100, collate_fn=collate)


class StarGRU(nn.Module):
    def __init__(self, n_words, emb=16, hid=24):
        super().__init__()
        self.emb = nn.Embedding(n_words, emb, padding_idx=0)
        self.gru = nn.GRU(emb, hid, batch_first=True)
        self.fc = nn.Linear(hid, 1)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.emb(x), lengths, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        # fault:
        return self.fc(h[-1])
        # mended:
        # return self.fc(h[-1]).squeeze(1)
        # end


model = StarGRU(len(vocab) + 1)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5)

for epoch in range(1, 6):
    model.train()
    running = 0.0
    for x, lengths, stars in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x, lengths), stars)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        running += loss.item() * len(stars)
    scheduler.step()
    print(f'Epoch {epoch}: train MSE {running / 1400:.3f}')

model.eval()
preds, gold = [], []
with torch.no_grad():
    for x, lengths, stars in test_loader:
        preds += model(x, lengths).flatten().tolist()
        gold += stars.tolist()
p, g = torch.tensor(preds), torch.tensor(gold)
print('test MAE  %.3f' % F.l1_loss(p, g))
print('baseline  %.3f' % (g - g.mean()).abs().mean())
print('R2        %.3f' % (1 - ((p - g) ** 2).sum() / ((g - g.mean()) ** 2).sum()))
print('spread of predictions %.3f, of stars %.3f' % (p.std(), g.std()))
