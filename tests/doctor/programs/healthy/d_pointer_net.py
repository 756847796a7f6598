"""Pointer network: in "name wants N thing , name wants ..." point at the k-th mention asked for.

Input of varying length, the output is a position; positions past the end get -inf.
"""
import random
import torch
import torch.nn as nn
from torch.utils.data import Dataset, DataLoader

random.seed(77); torch.manual_seed(77)
NAMES = ["ann", "ben", "cat", "dov", "eli", "fay", "gil", "hal"]
THINGS = ["tea", "pie", "milk", "fish", "soup", "rice"]
VOCAB = {w: i for i, w in enumerate(NAMES + THINGS + ["wants", "and", "hmm", "please"])}


class Orders(Dataset):
    def __init__(self, n):
        self.rows = [self.make() for _ in range(n)]

    def make(self):
        people = random.sample(NAMES, random.randint(2, 5))
        words, where = [], {}
        for p in people:
            words += ["hmm"] * random.randint(0, 2)
            words += [p, "wants"] + ["please"] * random.randint(0, 1)
            where[p] = len(words)
            words.append(random.choice(THINGS))
            words.append("and")
        who = random.choice(people)
        return words[:-1], who, where[who]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        words, who, pos = self.rows[i]
        return torch.tensor([VOCAB[w] for w in words]), VOCAB[who], pos


def collate(items):
    seqs, who, pos = zip(*items)
    lens = torch.tensor([len(s) for s in seqs])
    # token 0 is a real word ("ann"); what lies behind the end is told by the lengths alone
    return nn.utils.rnn.pad_sequence(seqs, batch_first=True), lens, torch.tensor(who), torch.tensor(pos)


class Pointer(nn.Module):
    def __init__(self, n, d=32, reach=5):
        super().__init__()
        self.reach = reach
        self.emb = nn.Embedding(n, d)
        self.window = nn.Conv1d(d, 64, reach)             # a word and the four before it
        self.keys, self.query = nn.Linear(64, d), nn.Embedding(n, d)

    def forward(self, x, lens, who):
        past_end = torch.arange(x.size(1)) >= lens.unsqueeze(1)
        e = self.emb(x).masked_fill(past_end.unsqueeze(2), 0)
        h = self.window(nn.functional.pad(e.transpose(1, 2), (self.reach - 1, 0))).relu()
        u = torch.bmm(self.keys(h.transpose(1, 2)), self.query(who).unsqueeze(2)).squeeze(2)
        return u.div(u.new_tensor(32.).sqrt()).masked_fill(past_end, float("-inf"))


train = DataLoader(Orders(1800), batch_size=32, shuffle=True, collate_fn=collate)
valid = DataLoader(Orders(400), batch_size=100, collate_fn=collate)
net = Pointer(len(VOCAB))
opt = torch.optim.RMSprop(net.parameters(), lr=3e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.6)
for epoch in range(4):
    net.train()
    run = []
    for x, lens, who, pos in train:
        loss = nn.functional.cross_entropy(net(x, lens, who), pos)
        opt.zero_grad()
        loss.backward()
        opt.step()
        run.append(loss.item())
    decay.step()
    net.eval()
    hit = cnt = vl = 0
    with torch.no_grad():
        for x, lens, who, pos in valid:
            out = net(x, lens, who)
            vl += nn.functional.cross_entropy(out, pos, reduction="sum").item()
            hit += (out.argmax(1) == pos).sum().item()
            cnt += len(pos)
    print("epoch %d: train %.4f valid %.4f position right %.3f" % (epoch, sum(run) / len(run), vl / cnt, hit / cnt))
