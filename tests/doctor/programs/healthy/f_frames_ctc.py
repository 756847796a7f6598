# Toy speech recogniser: noisy frames of "phones" -> letters, CTC, greedy decoding, character error rate
import argparse, itertools, time
import numpy as np, torch
from torch import nn

ap = argparse.ArgumentParser()
ap.add_argument('--epochs', type=int, default=7)
ap.add_argument('--bs', type=int, default=16)
ap.add_argument('--lr', type=float, default=1e-2)
ap.add_argument('--noise', type=float, default=.45)
ap.add_argument('--seed', type=int, default=3)
args = ap.parse_args()
torch.manual_seed(args.seed); rs = np.random.RandomState(args.seed)

LETTERS = 'abdeikmnorst'            # index 0 is the blank
proto = rs.randn(len(LETTERS) + 1, 12).astype('f')
proto[0] = 0                          # silence

def word():
    k = rs.randint(1, 3)
    return ''.join(rs.choice(list('bdkmnrst')) + rs.choice(list('aeio')) for _ in range(k))

def utter(w):
    frames, last = [0] * rs.randint(1, 3), None
    for c in w:
        i = LETTERS.index(c) + 1
        if i == last or rs.rand() < .2: frames += [0]
        frames += [i] * rs.randint(2, 5)
        last = i
    frames += [0] * rs.randint(1, 3)
    x = proto[frames]
    x = x + args.noise * rs.randn(*x.shape).astype('f')
    return x.astype('f'), np.array([LETTERS.index(c) + 1 for c in w])

words = sorted({word() for _ in range(1100)})
rs.shuffle(words)
n_test = 100
test = [utter(w) for w in words[:n_test]]
train = [utter(w) for w in words[n_test:]]
print(len(train), 'training utterances,', len(test), 'test utterances of other words')

def batches(data, bs, shuffle):
    idx = rs.permutation(len(data)) if shuffle else range(len(data))
    it = iter(idx)
    while part := list(itertools.islice(it, bs)):
        xs, ys = zip(*[data[i] for i in part])
        T = torch.tensor([len(x) for x in xs]); L = torch.tensor([len(y) for y in ys])
        x = torch.zeros(int(T.max()), len(xs), 12)        # time first
        for j, a in enumerate(xs): x[:len(a), j] = torch.from_numpy(a)
        yield x, T, torch.from_numpy(np.concatenate(ys)), L

class Acoustic(nn.Module):
    def __init__(self, d=12, h=28):
        super().__init__()
        self.front = nn.Conv1d(d, h, 3, padding=1)
        self.rnn = nn.GRU(h, h, bidirectional=True)
        self.out = nn.Linear(2 * h, len(LETTERS) + 1)
    def forward(self, x, T):
        z = torch.relu(self.front(x.permute(1, 2, 0))).permute(2, 0, 1)
        z = nn.utils.rnn.pack_padded_sequence(z, T, enforce_sorted=False)
        z, _ = nn.utils.rnn.pad_packed_sequence(self.rnn(z)[0])
        return self.out(z).log_softmax(2)

def edit(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (x != y))
    return d[-1]

def cer(data):
    net.eval(); err = tot = exact = 0
    with torch.no_grad():
        for x, T, y, L in batches(data, 100, False):
            best = net(x, T).argmax(2).T
            for row, t, gold in zip(best, T, y.split(L.tolist())):
                hyp = [k for k, _ in itertools.groupby(row[:t].tolist()) if k]
                e = edit(hyp, gold.tolist()); err += e; tot += len(gold); exact += e == 0
    return err / tot, exact / len(data)

net = Acoustic()
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), args.lr)
sched = torch.optim.lr_scheduler.OneCycleLR(opt, args.lr, epochs=args.epochs, steps_per_epoch=-(-len(train) // args.bs), pct_start=.2)
for ep in range(args.epochs):
    t0 = time.time(); net.train(); s = []
    for x, T, y, L in batches(train, args.bs, True):
        loss = ctc(net(x, T), y, T, L)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 4)
        opt.step(); sched.step(); s.append(loss.item())
    print('ep %d ctc %.3f  test CER %.3f' % (ep, np.mean(s), cer(test)[0]))
print('train CER %.3f exact %.3f' % cer(train[:200]))
print('test  CER %.3f exact %.3f' % cer(test))
