# Support conversations: words in messages in tickets, kept as nested lists from end to end.
# Label = state of the ticket: the LAST message that says something about the state decides.
# Words have their vocabulary, speakers another one.
import random
import torch, torch.nn as nn
from torch.nn.utils.rnn import pack_sequence
rnd = random.Random(17); torch.manual_seed(17)

STATE = {
    "open":    ["it still fails", "no change on my side", "same error again", "that did not help", "the page is down again"],
    "solved":  ["works now thanks", "all good again", "that fixed it", "problem is gone", "perfect it runs"],
    "waiting": ["we wait for the vendor", "please send the log file", "waiting for your reply", "need more details please"],
}
CHAT = ["hello there", "good morning", "i use the new version", "my account is old", "let me look", "one moment please",
        "which browser is this", "i am on the phone", "the office is closed on friday", "see the attached picture"]
NAMES = list(STATE)
def ticket():
    n = rnd.randint(2, 7)
    msgs = [(rnd.choice(["client", "agent", "bot"]), rnd.choice(CHAT if rnd.random() < .5 else STATE[rnd.choice(NAMES)])) for _ in range(n)]
    lab = rnd.choice(NAMES)
    cut = rnd.randrange(n)
    msgs[cut] = ("client", rnd.choice(STATE[lab]))
    msgs[cut + 1:] = [(w, rnd.choice(CHAT)) for w, _ in msgs[cut + 1:]]
    msgs = [(w, (rnd.choice(["ok ", "well ", "so ", ""]) + m).split()) for w, m in msgs]
    return msgs, NAMES.index(lab)
data, seen = [], set()
while len(data) < 1900:
    t = ticket()
    if repr(t[0]) not in seen: seen.add(repr(t[0])); data.append(t)
train, dev = data[:1500], data[1500:]
wid = {w: i for i, w in enumerate(sorted({w for m, _ in train for _, s in m for w in s}))}
who = {"agent": 0, "bot": 1, "client": 2}

class Ticket(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.words = nn.EmbeddingBag(len(wid), d, mode="mean")
        self.pairs = nn.Bilinear(3, d, d)
        self.speaker = nn.Embedding(3, d)
        self.gru = nn.GRU(d, 32)
        self.cls = nn.Linear(32, len(NAMES))
    def forward(self, tickets):
        flat, offs, speak, sizes = [], [], [], []
        for t in tickets:
            sizes.append(len(t))
            for w, m in t:
                offs.append(len(flat)); speak.append(who[w]); flat += [wid[x] for x in m]
        sp = torch.tensor(speak)
        v = self.words(torch.tensor(flat), torch.tensor(offs))
        v = torch.tanh(self.pairs(nn.functional.one_hot(sp, 3).float(), v) + self.speaker(sp))
        # one variable-length sequence of message vectors per ticket
        _, h = self.gru(pack_sequence(list(v.split(sizes)), enforce_sorted=False))
        return self.cls(h[-1])

net = Ticket()
opt = torch.optim.NAdam(net.parameters(), lr=8e-3)
def run(rows, learn=False):
    net.train(learn); L = H = 0
    for i in range(0, len(rows), 30):
        part = rows[i:i + 30]; y = torch.tensor([l for _, l in part])
        with torch.set_grad_enabled(learn):
            z = net([m for m, _ in part]); loss = nn.functional.cross_entropy(z, y)
        if learn: opt.zero_grad(); loss.backward(); opt.step()
        L += loss.item() * len(part); H += (z.argmax(1) == y).sum().item()
    return L / len(rows), H / len(rows)
for ep in range(4):
    rnd.shuffle(train)
    if ep == 3: opt.param_groups[0]["lr"] /= 5
    tl, ta = run(train, True); dl, da = run(dev)
    print("epoch %d | %.4f %.3f | dev %.4f %.3f" % (ep, tl, ta, dl, da))
