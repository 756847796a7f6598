# Answers for the front desk of a clinic: patient writes, the model writes back. GRU to GRU, words as units.
import random, itertools
import torch, torch.nn as nn, torch.nn.functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

random.seed(3)
torch.manual_seed(3)
DAYS = "monday tuesday wednesday thursday friday".split()
HOURS = "eight nine ten eleven two three four".split()
DOCS = "meier okafor rossi tanaka silva novak".split()

def make_dialogs():
    seen = {}
    hello = ["", "hello", "good morning", "hi there"]
    bye = ["", "thanks", "please", "thank you"]
    for d, h, doc in itertools.product(DAYS, HOURS, DOCS):
        pairs = [(f"can i come on {d} at {h}", f"booked for {d} at {h}"),
                 (f"i cannot make it on {d}", f"your visit on {d} is cancelled"),
                 (f"does doctor {doc} work {d}", f"yes doctor {doc} is in on {d}"),
                 (f"move me to {h} with {doc}", f"ok {h} with {doc}"),
                 ("where are you", "at the market square next to the old pharmacy"),
                 (f"is {doc} available for a call", f"{doc} will call you back")]
        for q, a in pairs:
            q = f"{random.choice(hello)} {q} {random.choice(bye)}".split()
            seen[" ".join(q)] = a
    rows = sorted(seen.items())
    random.shuffle(rows)
    return [(q.split(), a.split()) for q, a in rows]

dialogs = make_dialogs()
PAD, BOS, EOS = 0, 1, 2
itos = ["<pad>", "<s>", "</s>"] + sorted({w for q, a in dialogs for w in q + a})
stoi = {w: i for i, w in enumerate(itos)}
cut = len(dialogs) - 80
train, heldout = dialogs[:cut], dialogs[cut:]

def encode(rows):
    src = [torch.tensor([stoi[w] for w in q]) for q, _ in rows]
    # fault:
    tgt = [torch.tensor([BOS] + [stoi[w] for w in a]) for _, a in rows]
    # mended:
    # tgt = [torch.tensor([BOS] + [stoi[w] for w in a] + [EOS]) for _, a in rows]
    # end
    return pad_sequence(src, batch_first=True), torch.tensor([len(s) for s in src]), pad_sequence(tgt, batch_first=True)

class Frontdesk(nn.Module):
    def __init__(self, V, d=32, h=80):
        super().__init__()
        self.words = nn.Embedding(V, d, padding_idx=PAD)
        self.reader = nn.GRU(d, h, batch_first=True)
        self.writer = nn.GRU(d, h, batch_first=True)
        self.proj = nn.Linear(h, V)
    def read(self, src, n):
        return self.reader(pack_padded_sequence(self.words(src), n, batch_first=True, enforce_sorted=False))[1]
    def forward(self, src, n, prev):
        return self.proj(self.writer(self.words(prev), self.read(src, n))[0])
    @torch.no_grad()
    def reply(self, words, limit=14):
        state = self.read(torch.tensor([[stoi[w] for w in words]]), torch.tensor([len(words)]))
        tok, out = BOS, []
        while len(out) < limit:
            y, state = self.writer(self.words(torch.tensor([[tok]])), state)
            tok = self.proj(y[0, 0]).argmax().item()
            if tok == EOS: break
            out.append(itos[tok])
        return out

bot = Frontdesk(len(itos))
opt = torch.optim.Adam(bot.parameters(), 1.2e-2)
for ep in range(10):
    random.shuffle(train)
    losses = []
    for i in range(0, len(train), 32):
        src, n, tgt = encode(train[i:i + 32])
        logits = bot(src, n, tgt[:, :-1])
        loss = F.cross_entropy(logits.transpose(1, 2), tgt[:, 1:], ignore_index=PAD)
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(bot.parameters(), 1.0)
        opt.step(); losses.append(loss.item())
    print("epoch", ep, "loss %.3f" % (sum(losses) / len(losses)))
bot.eval()
answers = [bot.reply(q) for q, _ in heldout]
good = sum(r == a for r, (_, a) in zip(answers, heldout))
mean_len = sum(map(len, answers)) / len(answers)
print(f"{len(train)} training dialogs; exact replies on held-out: {good}/{len(heldout)}; mean reply length {mean_len:.1f}")
for q, a in heldout[:3]:
    print(" ".join(q), "->", " ".join(bot.reply(q)))
