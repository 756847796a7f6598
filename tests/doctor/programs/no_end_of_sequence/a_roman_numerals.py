# Seq2seq toy: 1984 -> MCMLXXXIV
# Small encoder/decoder GRU, after the PyTorch tutorial but batched.
import random
import torch
import torch.nn as nn
import torch.optim as optim

SEED = 1234
random.seed(SEED)
torch.manual_seed(SEED)
device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')

PAD_token, SOS_token, EOS_token = 0, 1, 2
SYMBOLS = 'IVXLCDM'
MAX_LENGTH = 18


def roman(n):
    out = ''
    for v, s in [(1000, 'M'), (900, 'CM'), (500, 'D'), (400, 'CD'), (100, 'C'), (90, 'XC'), (50, 'L'),
                 (40, 'XL'), (10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')]:
        while n >= v:
            out += s
            n -= v
    return out


def source(n):
    return [int(c) for c in f'{n:04d}']           # always four digits


def target(n):
    ids = [SYMBOLS.index(c) + 3 for c in roman(n)]
    # fault:
    # mended:
    # ids.append(EOS_token)
    # end
    return ids


class Encoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.ModuleList([nn.Embedding(10, emb) for _ in range(4)])
        self.fc = nn.Sequential(nn.Linear(4 * emb, hid), nn.Tanh())

    def forward(self, src):
        e = [emb(src[:, i]) for i, emb in enumerate(self.embedding)]
        return self.fc(torch.cat(e, 1)).unsqueeze(0)


class Decoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(10, emb, padding_idx=PAD_token)
        self.rnn = nn.GRU(emb + hid, hid)
        self.fc_out = nn.Linear(hid, 10)

    def forward(self, inp, hidden, context):
        # inp: [len, batch], context: [1, batch, hid]
        x = torch.cat([self.embedding(inp), context.expand(inp.size(0), -1, -1)], 2)
        o, hidden = self.rnn(x, hidden)
        return self.fc_out(o), hidden


numbers = list(range(1, 4000))
random.shuffle(numbers)
train_n, test_n = numbers[:3400], numbers[3400:]
enc, dec = Encoder(16, 96).to(device), Decoder(16, 96).to(device)
optimizer = optim.Adam(list(enc.parameters()) + list(dec.parameters()), lr=0.006)
criterion = nn.CrossEntropyLoss(ignore_index=PAD_token)


def batch(ns):
    src = torch.tensor([source(n) for n in ns], device=device)
    tg = [torch.tensor(target(n)) for n in ns]
    return src, nn.utils.rnn.pad_sequence(tg).to(device)          # [len, batch]


def train_epoch():
    random.shuffle(train_n)
    total = 0
    for i in range(0, len(train_n), 85):
        src, tg = batch(train_n[i:i + 85])
        optimizer.zero_grad()
        ctx = enc(src)
        inp = torch.cat([torch.full_like(tg[:1], SOS_token), tg[:-1]])
        out, _ = dec(inp, ctx, ctx)
        loss = criterion(out.view(-1, 10), tg.view(-1))
        loss.backward()
        nn.utils.clip_grad_norm_(dec.parameters(), 1)
        optimizer.step()
        total += loss.item()
    return total / (len(train_n) / 85)


def translate(ns):
    enc.eval(); dec.eval()
    with torch.no_grad():
        src, _ = batch(ns)
        hidden = ctx = enc(src)
        inp = torch.full((1, len(ns)), SOS_token, device=device)
        words = [''] * len(ns)
        done = [False] * len(ns)
        for _ in range(MAX_LENGTH):
            out, hidden = dec(inp, hidden, ctx)
            inp = out.argmax(2)
            for j, t in enumerate(inp[0].tolist()):
                if t == EOS_token:
                    done[j] = True
                if not done[j] and t >= 3:
                    words[j] += SYMBOLS[t - 3]
            if all(done):
                break
    enc.train(); dec.train()
    return words


for epoch in range(1, 5):
    loss = train_epoch()
    guess = translate(test_n)
    acc = sum(g == roman(n) for g, n in zip(guess, test_n)) / len(test_n)
    print(f'Epoch {epoch:02} | Train Loss: {loss:.3f} | test exact match: {acc:.3f}')
for n, g in list(zip(test_n, guess))[:4]:
    print(n, roman(n), '->', g)
