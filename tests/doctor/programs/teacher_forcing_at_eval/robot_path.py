"""Homework 4: translate driving instructions into the cells a warehouse robot passes (GRU encoder-decoder).

The floor is 6 x 6; now and then a wheel slips and the robot goes somewhere else than it was told."""
import random
import torch
import torch.nn as nn
import torch.optim as optim

SEED = 2024
random.seed(SEED)
torch.manual_seed(SEED)

N = 6
MOVES = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}
INSTR = ["<pad>"] + list(MOVES) + [f"start{i}" for i in range(N * N)]
ii = {w: i for i, w in enumerate(INSTR)}
PAD, SOS = 0, 1                      # cells are numbered from 2
SLIP = 0.06


def trip():
    r, c = random.randrange(N), random.randrange(N)
    src, tgt = [ii[f"start{r * N + c}"]], [2 + r * N + c]
    for _ in range(random.randint(6, 12)):
        m = random.choice(list(MOVES))
        src.append(ii[m])
        dr, dc = MOVES[random.choice(list(MOVES))] if random.random() < SLIP else MOVES[m]
        r, c = (r + dr) % N, (c + dc) % N
        tgt.append(2 + r * N + c)
    return src, tgt


def pack(rows):
    T = max(len(s) for s, _ in rows)
    src = torch.tensor([s + [PAD] * (T - len(s)) for s, _ in rows])
    tgt = torch.tensor([t + [PAD] * (T - len(t)) for _, t in rows])
    return src, tgt


class Encoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(len(INSTR), emb, padding_idx=PAD)
        self.rnn = nn.GRU(emb, hid, batch_first=True)

    def forward(self, src):
        return self.rnn(self.embedding(src))[0]


class Decoder(nn.Module):
    def __init__(self, emb, hid):
        super().__init__()
        self.embedding = nn.Embedding(2 + N * N, emb)
        self.cell = nn.GRUCell(emb + hid, hid)
        self.fc = nn.Sequential(nn.Linear(2 * hid + emb, 96), nn.ReLU(), nn.Linear(96, 2 + N * N))

    def forward(self, prev, enc_t, state):
        e = self.embedding(prev)
        state = self.cell(torch.cat([e, enc_t], 1), state)
        return self.fc(torch.cat([state, enc_t, e], 1)), state


class Seq2Seq(nn.Module):
    def __init__(self, emb=32, hid=48):
        super().__init__()
        self.encoder, self.decoder, self.hid = Encoder(emb, hid), Decoder(emb, hid), hid

    def forward(self, src, trg, teacher_forcing_ratio=1.0):
        enc = self.encoder(src)
        inp = torch.full((len(src),), SOS)
        state = torch.zeros(len(src), self.hid)
        outs = []
        for t in range(src.shape[1]):
            out, state = self.decoder(inp, enc[:, t], state)
            outs.append(out)
            inp = trg[:, t] if random.random() < teacher_forcing_ratio else out.argmax(1)
        return torch.stack(outs, 1)


model = Seq2Seq()
optimizer = optim.Adam(model.parameters(), lr=5e-3)
scheduler = optim.lr_scheduler.StepLR(optimizer, 3, gamma=0.3)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)


def train(rows):
    model.train()
    random.shuffle(rows)
    total = 0
    for i in range(0, len(rows), 40):
        src, trg = pack(rows[i:i + 40])
        optimizer.zero_grad()
        output = model(src, trg)
        loss = criterion(output.flatten(0, 1), trg.flatten())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        total += loss.item()
    return total / (len(rows) / 40)


def evaluate(rows):
    model.eval()
    with torch.no_grad():
        src, trg = pack(rows)
        # fault:
        output = model(src, trg)
        # mended:
        # output = model(src, trg, teacher_forcing_ratio=0)
        # end
        guess, real = output.argmax(2), trg != PAD
        cells = (guess == trg)[real].float().mean().item()
        whole = ((guess == trg) | ~real).all(1).float().mean().item()
    return cells, whole


train_rows, valid_rows = [trip() for _ in range(1600)], [trip() for _ in range(400)]
for epoch in range(5):
    tl = train(train_rows)
    scheduler.step()
    cells, whole = evaluate(valid_rows)
    print(f"Epoch {epoch + 1:02} | train loss {tl:.3f} | valid: cells right {cells:.3f}, whole trips right {whole:.3f}")
