# Seq2seq exercise: "it is seven twenty five pm" -> "19:25"
import random
import torch
from torch import nn, optim
import torch.nn.functional as F

random.seed(4); torch.manual_seed(4)

NUM = ("oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
       "sixteen seventeen eighteen nineteen").split()
TENS = {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty"}

def minutes(m):
    if m == 0: return "o'clock"
    if m < 10: return "oh " + NUM[m]
    if m < 20: return NUM[m]
    return TENS[m // 10] + (" " + NUM[m % 10] if m % 10 else "")

def say(h, m):
    s = f"{NUM[(h - 1) % 12 + 1]} {minutes(m)} {'am' if h < 12 else 'pm'}"
    return random.choice(["", "at ", "it is ", "around "]) + s

pairs = [(h, m) for h in range(24) for m in range(60)]
random.shuffle(pairs)
held = pairs[:240]
rest = pairs[240:]
train = [(say(h, m).split(), f"{h:02d}:{m:02d}") for h, m in rest for _ in range(3)]
test = [(say(h, m).split(), f"{h:02d}:{m:02d}") for h, m in held]

in_words = ["<pad>"] + sorted({w for s, _ in train for w in s})
in_ix = {w: i for i, w in enumerate(in_words)}
OUT = "0123456789:"
SOS, EOS = len(OUT), len(OUT) + 1

def tensors(rows):
    width = max(len(s) for s, _ in rows)
    src = torch.zeros(len(rows), width, dtype=torch.long)
    lens = torch.tensor([len(s) for s, _ in rows])
    for k, (s, _) in enumerate(rows):
        src[k, :len(s)] = torch.tensor([in_ix[w] for w in s])
    tgt = torch.tensor([[SOS] + [OUT.index(c) for c in t] + [EOS] for _, t in rows])
    return src, lens, tgt


class EncoderRNN(nn.Module):
    def __init__(self, n_words, hidden):
        super().__init__()
        self.embedding = nn.Embedding(n_words, 32, padding_idx=0)
        self.gru = nn.GRU(32, hidden, batch_first=True)

    def forward(self, src, lens):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(src), lens, batch_first=True, enforce_sorted=False)
        _, h = self.gru(packed)
        return h


class DecoderRNN(nn.Module):
    def __init__(self, n_out, hidden):
        super().__init__()
        self.hidden = hidden
        self.embedding = nn.Embedding(n_out, 16)
        self.gru = nn.GRU(16, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n_out)

    def forward(self, tok, state):
        o, state = self.gru(self.embedding(tok), state)
        return self.out(o), state

    def init_hidden(self, batch):
        return torch.zeros(1, batch, self.hidden)


encoder, decoder = EncoderRNN(len(in_words), 96), DecoderRNN(len(OUT) + 2, 96)
params = list(encoder.parameters()) + list(decoder.parameters())
opt = optim.Adam(params, lr=6e-3)
EPOCHS, BS = 4, 60
sched = optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
src, lens, tgt = tensors(train)

def start_state(s, l):
    h = encoder(s, l)
    # fault:
    return decoder.init_hidden(h.shape[1])
    # mended:
    # return h
    # end

@torch.no_grad()
def decode(rows):
    encoder.eval(); decoder.eval()
    s, l, _ = tensors(rows)
    state = start_state(s, l)
    tok = torch.full((len(rows), 1), SOS)
    got = [""] * len(rows)
    done = [False] * len(rows)
    for _ in range(8):
        logits, state = decoder(tok, state)
        tok = logits.argmax(-1)
        for k, c in enumerate(tok[:, 0].tolist()):
            done[k] |= c >= SOS
            if not done[k]:
                got[k] += OUT[c]
        if all(done): break
    return got

for ep in range(EPOCHS):
    encoder.train(); decoder.train()
    order = torch.randperm(len(src)); tot = 0.
    for i in range(0, len(src), BS):
        b = order[i:i + BS]
        logits, _ = decoder(tgt[b, :-1], start_state(src[b], lens[b]))
        loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), tgt[b, 1:].reshape(-1))
        opt.zero_grad(); loss.backward()
        nn.utils.clip_grad_norm_(params, 1.0)
        opt.step(); tot += loss.item() * len(b)
    sched.step()
    hyp = decode(test)
    print("epoch %d  loss %.3f  exact match on unseen times %.3f" % (ep, tot / len(src), sum(h == t for h, (_, t) in zip(hyp, test)) / len(test)))
for (s, t), h in list(zip(test, hyp))[:5]:
    print(" ".join(s), "|", t, "|", h)
