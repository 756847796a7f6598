# keyword_router.py - routes search-ad keyword lists to the team that owns the campaign.
# Vectors are exported by the embeddings job in GloVe text layout (one entry per line, 24 numbers).
import logging
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

logging.basicConfig(stream=sys.stdout, level=logging.INFO, format='%(levelname)s %(message)s')
log = logging.getLogger('router')

DIM = 24
HEADS = ['credit', 'home', 'free', 'best', 'online', 'cheap', 'new', 'local', 'smart', 'daily', 'family', 'express']
TAILS = {
    'finance': ['loan', 'card', 'mortgage', 'savings', 'score', 'broker', 'insurance', 'pension', 'account', 'bonds'],
    'travel': ['flights', 'hotel', 'cruise', 'tours', 'hostel', 'visa', 'rental', 'beach', 'train pass', 'luggage'],
    'health': ['clinic', 'dentist', 'vitamins', 'yoga', 'doctor', 'pharmacy', 'therapy', 'vaccine', 'diet', 'checkup'],
    'gadgets': ['phone', 'laptop', 'camera', 'watch', 'tablet', 'speaker', 'charger', 'monitor', 'headset', 'drone'],
}
TEAMS = list(TAILS)


def export_vectors(path, rng):
    """Stands in for the nightly job. Phrases are entries of their own, as in the feed."""
    centre = rng.normal(size=(len(TEAMS), DIM))
    entries = [(h, rng.normal(size=DIM) * 1.2) for h in HEADS]
    for t, team in enumerate(TEAMS):
        for tail in TAILS[team]:
            entries.append((tail, centre[t] + rng.normal(size=DIM) * 1.1))
            for h in HEADS:
                entries.append((f'{h} {tail}', centre[t] + rng.normal(size=DIM) * 1.1))
    rng.shuffle(entries)
    with open(path, 'w', encoding='utf-8') as f:
        for token, v in entries:
            f.write(token + ' ' + ' '.join(f'{x:.5f}' for x in v) + '\n')


def load_vectors(path):
    table = {}
    with open(path, encoding='utf-8') as f:
        for line in f:
            # fault:
            cols = line.rstrip('\n').split(' ')
            table[cols[0]] = np.array(cols[-DIM:], dtype=np.float32)
            # mended:
            # cols = line.rstrip('\n').rsplit(' ', DIM)
            # table[cols[0]] = np.array(cols[1:], dtype=np.float32)
            # end
    return table


def sample_campaigns(n, rng):
    out = []
    for _ in range(n):
        t = int(rng.integers(len(TEAMS)))
        kws = []
        for _ in range(int(rng.integers(2, 6))):
            team = TEAMS[t] if rng.random() < .8 else TEAMS[int(rng.integers(len(TEAMS)))]
            tail = TAILS[team][int(rng.integers(10))]
            kws.append(tail if rng.random() < .06 else f'{HEADS[int(rng.integers(len(HEADS)))]} {tail}')
        out.append(('; '.join(kws), t))
    return out


def encode(rows, index):
    seqs = [torch.tensor([index.get(k, 1) for k in text.split('; ')]) for text, _ in rows]
    return torch.nn.utils.rnn.pad_sequence(seqs, batch_first=True), torch.tensor([y for _, y in rows])


class Router(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.vectors = torch.nn.Embedding.from_pretrained(weights, padding_idx=0)   # stays as exported
        self.hidden = torch.nn.Linear(DIM, 32)
        self.out = torch.nn.Linear(32, len(TEAMS))

    def forward(self, ids):
        keep = (ids != 0).float().unsqueeze(-1)
        mean = (self.vectors(ids) * keep).sum(1) / keep.sum(1)
        return self.out(torch.relu(self.hidden(mean)))


def main():
    torch.manual_seed(11)
    rng = np.random.default_rng(11)
    path = Path('keyword.vec')
    export_vectors(path, rng)
    table = load_vectors(path)
    index = {'<pad>': 0, '<unk>': 1}
    for token in table:
        index[token] = len(index)
    weights = torch.zeros(len(index), DIM)
    for token, v in table.items():
        weights[index[token]] = torch.from_numpy(v)
    log.info('%d entries loaded', len(table))
    x_tr, y_tr = encode(sample_campaigns(2000, rng), index)
    x_te, y_te = encode(sample_campaigns(600, rng), index)
    model = Router(weights)
    optim = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=4e-3)
    for epoch in range(1, 7):
        model.train()
        perm = torch.randperm(len(x_tr))
        run = 0.
        for chunk in perm.split(50):
            optim.zero_grad()
            loss = F.cross_entropy(model(x_tr[chunk]), y_tr[chunk])
            loss.backward()
            optim.step()
            run += loss.item() * len(chunk)
        model.eval()
        with torch.no_grad():
            acc = (model(x_te).argmax(1) == y_te).float().mean().item()
            acc_tr = (model(x_tr).argmax(1) == y_tr).float().mean().item()
        log.info('epoch %d loss %.3f train %.3f held-out %.3f', epoch, run / len(x_tr), acc_tr, acc)
    path.unlink()


if __name__ == '__main__':
    main()
