# Support tickets: six sentences each, only one of which says what the matter is (the rest is courtesy).
# The model scores the sentences, takes the key sentence and decides on the queue of the ticket from it.
import random
import torch
import torch.nn as nn
import torch.nn.functional as F

random.seed(8); torch.manual_seed(8)
queues = {
    "billing": ["charged twice on my card", "the invoice shows a wrong amount", "refund for may never arrived", "please cancel the payment plan", "vat number missing on invoice"],
    "login": ["password reset link expired", "account locked after three tries", "two factor code never comes", "cannot sign in since monday", "username unknown at sign in"],
    "shipping": ["parcel left at wrong door", "tracking stuck in leipzig", "package arrived crushed", "courier never rang the bell", "delivery date moved again"],
    "product": ["screen flickers when warm", "battery drains over night", "left speaker crackles loudly", "hinge broke after a week", "keyboard skips the letter e"],
}
chat = ["hello dear team", "hope you are well", "i have been a customer for years", "thanks a lot in advance", "kind regards from vienna",
        "this is rather urgent for me", "i wrote to you last week too", "my order number is in the subject", "sorry for the long mail", "the weather is lovely here",
        "my neighbour uses the invoice app happily", "my sister likes her parcel and the screen"]
names = list(queues)
vocab = {w: i + 1 for i, w in enumerate(sorted({w for t in chat + sum(queues.values(), []) for w in t.split()}))}


def sent_ids(s, n=9):
    ids = [vocab[w] for w in s.split() if random.random() > 0.15][:n] or [0]
    return ids + [0] * (n - len(ids))


def ticket():
    q = random.randrange(4)
    ss = random.sample(chat, 5) + [random.choice(queues[names[q]])]
    random.shuffle(ss)
    return [sent_ids(s) for s in ss], q


rows = [ticket() for _ in range(2400)]
X = torch.tensor([r[0] for r in rows]); Y = torch.tensor([r[1] for r in rows])
tr, de = slice(0, 2000), slice(2000, None)


class KeySentence(nn.Module):
    def __init__(self, v, d=20):
        super().__init__()
        self.words = nn.Embedding(v, d, padding_idx=0)
        self.score = nn.Sequential(nn.Linear(d, 16), nn.Tanh(), nn.Linear(16, 1))
        self.queue = nn.Linear(d, 4)

    def forward(self, x):                        # (tickets, sentences, words)
        n = (x > 0).sum(-1, keepdim=True).clamp(min=1)
        s = self.words(x).sum(2) / n
        a = self.score(s).squeeze(-1)
        # fault:
        best = a.argmax(dim=1)
        key = s[torch.arange(len(s)), best]
        # mended:
        # best = a.softmax(dim=1)
        # key = torch.bmm(best.unsqueeze(1), s).squeeze(1)
        # end
        return self.queue(key)


net = KeySentence(len(vocab) + 1)
adam = torch.optim.Adam(net.parameters(), lr=5e-3)
for ep in range(16):
    net.train()
    tot = 0.
    for i in torch.randperm(2000).split(40):
        loss = F.cross_entropy(net(X[tr][i]), Y[tr][i])
        adam.zero_grad(); loss.backward(); adam.step()
        tot += loss.item()
    net.eval()
    with torch.no_grad():
        acc = (net(X[de]).argmax(1) == Y[de]).float().mean().item()
    print("epoch", ep, "loss", round(tot / 50, 4), "dev accuracy", round(acc, 4))
