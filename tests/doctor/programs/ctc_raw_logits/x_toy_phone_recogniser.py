# Toy phone recogniser for the ASR lab course, week 5.
# "Audio" = 12-dim frames; every phone lasts 2-3 frames. BiGRU + CTC, greedy decoding, phone error rate.
import numpy as np
import torch
import torch.nn as nn

np.random.seed(0)
torch.manual_seed(0)

PHONES = ["<b>", "p", "t", "k", "a", "i", "u", "s", "n", "m", "l"]
N_MEL = 12
centres = np.random.randn(len(PHONES), N_MEL)


def utterance():
    n = np.random.randint(3, 8)
    ph = np.random.randint(1, len(PHONES), n)
    frames = []
    for p in ph:
        d = np.random.randint(2, 4)
        frames.append(centres[p] + 0.45 * np.random.randn(d, N_MEL))
        if np.random.rand() < 0.5:      # short closure
            frames.append(0.2 * np.random.randn(np.random.randint(1, 3), N_MEL))
    return torch.tensor(np.concatenate(frames), dtype=torch.float32), torch.tensor(ph)


class Recogniser(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(N_MEL, hidden, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * hidden, len(PHONES))

    def forward(self, feats, feat_lens):
        packed = nn.utils.rnn.pack_padded_sequence(feats, feat_lens, batch_first=True, enforce_sorted=False)
        out, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        return self.head(out)


def make_batches(utts, bs):
    order = np.random.permutation(len(utts))
    for i in range(0, len(utts), bs):
        part = [utts[j] for j in order[i:i + bs]]
        feats = nn.utils.rnn.pad_sequence([p[0] for p in part], batch_first=True)
        yield (feats, torch.tensor([len(p[0]) for p in part]),
               torch.cat([p[1] for p in part]), torch.tensor([len(p[1]) for p in part]))


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            prev, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, prev + (x != y))
    return row[-1]


def per(model, utts):
    model.eval()
    wrong = total = 0
    with torch.no_grad():
        for feats, fl, tgt, tl in make_batches(utts, 100):
            best = model(feats, fl).argmax(-1)
            for path, n, gold in zip(best, fl, tgt.split(tl.tolist())):
                hyp = [int(p) for p in torch.unique_consecutive(path[:n]) if p != 0]
                wrong += levenshtein(hyp, gold.tolist())
                total += len(gold)
    model.train()
    return 100.0 * wrong / total


train_utts = [utterance() for _ in range(600)]
dev_utts = [utterance() for _ in range(200)]
model = Recogniser()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(model.parameters(), lr=8e-3)

for epoch in range(1, 6):
    losses = []
    for feats, fl, tgt, tl in make_batches(train_utts, 32):
        logits = model(feats, fl).transpose(0, 1)         # CTC wants (T, N, C)
        # fault:
        loss = ctc(logits, tgt, fl, tl)
        # mended:
        # loss = ctc(logits.log_softmax(-1), tgt, fl, tl)
        # end
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        opt.step()
        losses.append(loss.item())
    print(f"epoch {epoch}: ctc {np.mean(losses):.3f}  dev PER {per(model, dev_utts):.1f}%")
print(f"final: train PER {per(model, train_utts):.1f}%  dev PER {per(model, dev_utts):.1f}%")
