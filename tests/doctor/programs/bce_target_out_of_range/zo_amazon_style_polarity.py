# reads lines in the fastText / Amazon polarity format:  __label__1 bad ... / __label__2 good ...
# (the camera & player reviews of Hu and Liu plus movie lines would do as well; here the lines are
#  produced on the fly so that the script runs anywhere)
import random, re, torch
from torch import nn

random.seed(3); torch.manual_seed(3)

GOOD = 'great love loved perfect excellent works sturdy recommend happy best fast bright comfy easy'.split()
BAD = 'broke refund awful waste worst cheap returned disappointed stopped noisy flimsy slow defective poor'.split()
FILL = ('the a this it my for with and of to i we bought used after before week month box cable screen battery '
        'case seller price size color phone camera gift kids kitchen just really very so').split()


def fake_review():
    good = random.random() < .5
    n = random.randint(8, 30)
    toks = [random.choice(FILL) for _ in range(n)]
    for _ in range(random.randint(2, 4)):
        # people do say nice things in bad reviews, and the other way round
        pool = GOOD if (random.random() < .85) == good else BAD
        toks.insert(random.randrange(len(toks)), random.choice(pool))
    return '__label__%d %s' % (2 if good else 1, ' '.join(toks))


lines = [fake_review() for _ in range(3000)]
train_lines, test_lines = lines[:2400], lines[2400:]


def parse(line):
    m = re.match(r'__label__(\d) (.*)', line)
    return int(m.group(1)), m.group(2).split()


vocab = {}
for l in train_lines:
    for w in parse(l)[1]:
        vocab.setdefault(w, len(vocab))


def batches(lines, size, shuffle=False):
    lines = list(lines)
    if shuffle:
        random.shuffle(lines)
    for i in range(0, len(lines), size):
        labels, flat, offsets = [], [], []
        for l in lines[i:i + size]:
            y, toks = parse(l)
            offsets.append(len(flat))
            flat.extend(vocab[t] for t in toks if t in vocab)
            labels.append(y)
        yield torch.tensor(flat), torch.tensor(offsets), torch.tensor(labels)


class Polarity(nn.Module):
    def __init__(self, n_words, d=20):
        super().__init__()
        self.bag = nn.EmbeddingBag(n_words, d, mode='mean')
        self.h = nn.Linear(d, 20)
        self.o = nn.Linear(20, 1)

    def forward(self, flat, offsets):
        return self.o(torch.relu(self.h(self.bag(flat, offsets)))).squeeze(1)


net = Polarity(len(vocab))
opt = torch.optim.AdamW(net.parameters(), lr=0.01)
bce = nn.BCEWithLogitsLoss()


def test(lines):
    net.eval()
    hits = 0
    with torch.no_grad():
        for flat, off, lab in batches(lines, 200):
            p = torch.sigmoid(net(flat, off))
            guess = 1 + (p > .5).long()
            hits += (guess == lab).sum().item()
    return 100 * hits / len(lines)


for ep in range(1, 6):
    net.train()
    seen = []
    for flat, off, lab in batches(train_lines, 40, shuffle=True):
        # fault:
        loss = bce(net(flat, off), lab.float())
        # mended:
        # loss = bce(net(flat, off), lab.float() - 1)
        # end
        opt.zero_grad(); loss.backward(); opt.step()
        seen.append(loss.item())
    print(f'ep {ep}: loss {sum(seen) / len(seen):8.4f}  train {test(train_lines):.1f}%  test {test(test_lines):.1f}%')
