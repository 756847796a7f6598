"""End-to-end recognition of tone syllables from synthetic filterbanks, CTC + BiGRU (after Graves 2006)."""
import numpy as np
import torch
import torch.nn as nn

rs = np.random.RandomState(21)
torch.manual_seed(21)
SYL = ["-", "ba", "de", "gi", "ko", "lu"]          # index 0 is the CTC blank
N_MEL = 12
templates = rs.randn(len(SYL), N_MEL)
silence = np.zeros(N_MEL)


def utterance():
    n = rs.randint(2, 6)
    lab = rs.randint(1, len(SYL), size=n)
    frames = []
    for s in lab:
        frames += [silence] * rs.randint(1, 3) + [templates[s]] * rs.randint(2, 5)
    frames += [silence]
    x = np.array(frames) + 0.35 * rs.randn(len(frames), N_MEL)
    return torch.tensor(x, dtype=torch.float32), torch.tensor(lab)


def batches(data, bs, shuffle):
    order = rs.permutation(len(data)) if shuffle else np.arange(len(data))
    for k in range(0, len(data), bs):
        part = [data[i] for i in order[k:k + bs]]
        xs, ys = zip(*part)
        xl = torch.tensor([len(x) for x in xs])
        yl = torch.tensor([len(y) for y in ys])
        yield nn.utils.rnn.pad_sequence(xs), xl, torch.cat(ys), yl


class Recogniser(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(N_MEL, 32, bidirectional=True)
        self.proj = nn.Linear(64, len(SYL))

    def forward(self, x, xl):
        packed = nn.utils.rnn.pack_padded_sequence(x, xl, enforce_sorted=False)
        h, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0])
        return self.proj(h).log_softmax(-1)            # T x B x C


def greedy(path):
    out, prev = [], 0
    for p in path:
        if p != prev and p != 0:
            out.append(p)
        prev = p
    return out


def edit(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (x != y))
    return d[-1]


train = [utterance() for _ in range(480)]
test = [utterance() for _ in range(120)]
net = Recogniser()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)


def ser(data):
    net.eval()
    err = tot = 0
    with torch.no_grad():
        for x, xl, y, yl in batches(data, 64, False):
            best = net(x, xl).argmax(-1)
            for b, ref in enumerate(y.split(yl.tolist())):
                hyp = greedy(best[:xl[b], b].tolist())
                err += edit(hyp, ref.tolist())
                tot += len(ref)
    return err / tot


for epoch in range(4):
    net.train()
    losses = []
    for x, xl, y, yl in batches(train, 32, True):
        loss = ctc(net(x, xl), y, xl, yl)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        losses.append(loss.item())
    print("epoch %d ctc %.3f  SER train %.3f  test %.3f" % (epoch, np.mean(losses), ser(train), ser(test)))
