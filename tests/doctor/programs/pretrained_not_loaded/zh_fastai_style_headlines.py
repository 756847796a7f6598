"""Short headlines into sections. A fastai notebook of mine, without fastai: the encoder gets the GloVe vectors,
stays frozen, and only the head is fitted on the few headlines that I labelled."""
import gzip
import os
from pathlib import Path

import numpy as np
import torch
from torch import nn

torch.manual_seed(5)
rng = np.random.default_rng(5)
path = Path(os.environ['WORDFIT_DATA']) / 'vectors' / 'glove.6B.50d.top10361.txt.gz'

itos, rows = ['xxpad'], [np.zeros(50, 'f4')]
with gzip.open(path, 'rt', encoding='utf8') as fh:
    for line in fh:
        word, *nums = line.split(' ')
        itos.append(word)
        rows.append(np.asarray(nums, 'f4'))
pretrained = torch.tensor(np.stack(rows))
stoi = {w: i for i, w in enumerate(itos)}

# sections by their nearest words, the rest of a headline is chosen from frequent words
sections = {'sport': 'football', 'politics': 'minister', 'health': 'disease', 'tech': 'software', 'music': 'album'}
unit = nn.functional.normalize(pretrained, dim=1)
lexicon = {}
for s, seed in sections.items():
    lexicon[s] = (unit @ unit[stoi[seed]]).topk(160).indices.numpy()
common = np.arange(1, 400)
labels = list(sections)


def headlines(n, part):
    xs, ys = np.zeros((n, 9), 'i8'), rng.integers(len(labels), size=n)
    for i, y in enumerate(ys):
        lex = lexicon[labels[y]]
        ids = np.concatenate([rng.choice(lex[part], 3), rng.choice(common, rng.integers(3, 7))])
        rng.shuffle(ids)
        xs[i, :len(ids)] = ids
    return torch.from_numpy(xs), torch.from_numpy(ys)


train_x, train_y = headlines(700, slice(0, None, 2))
valid_x, valid_y = headlines(500, slice(1, None, 2))


class AWDish(nn.Module):
    def __init__(self, n_vocab, n_emb, n_out):
        super().__init__()
        self.encoder = nn.ModuleDict({'emb': nn.Embedding(n_vocab, n_emb, padding_idx=0)})
        self.head = nn.Sequential(nn.LayerNorm(n_emb), nn.Linear(n_emb, n_out))

    def forward(self, x):
        m = x.ne(0).unsqueeze(2)
        return self.head((self.encoder['emb'](x) * m).sum(1) / m.sum(1))


learn = AWDish(len(itos), 50, len(labels))
# fault:
state = {'emb.weight': pretrained}
# mended:
# state = {'encoder.emb.weight': pretrained}
# end
learn.load_state_dict(state, strict=False)
for p in learn.encoder.parameters():
    p.requires_grad_(False)

opt = torch.optim.AdamW(learn.head.parameters(), lr=0.02)
epochs, bs = 8, 35
sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.02, total_steps=epochs * (len(train_x) // bs))
print('epoch  train_loss  valid_loss  accuracy')
for epoch in range(epochs):
    learn.train()
    tl = []
    for b in torch.randperm(len(train_x)).split(bs):
        loss = nn.functional.cross_entropy(learn(train_x[b]), train_y[b])
        loss.backward()
        opt.step()
        sched.step()
        opt.zero_grad()
        tl.append(loss.item())
    learn.eval()
    with torch.no_grad():
        out = learn(valid_x)
        vl = nn.functional.cross_entropy(out, valid_y).item()
        acc = (out.argmax(1) == valid_y).float().mean().item()
    print(f'{epoch:5d}  {np.mean(tl):10.4f}  {vl:10.4f}  {acc:8.4f}')
