# Interval shorthand -> note names. A small attention transducer with its own engine.
# The transcriptions were made by ear; now and then the singer slipped to another pitch and went on from there.
import random
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(5)
rng = random.Random(5)

NOTES = ["c", "d", "e", "f", "g", "a", "b"]
MOVES = ["up1", "up2", "up3", "down1", "down2", "same"]
DELTA = {"up1": 1, "up2": 2, "up3": 3, "down1": -1, "down2": -2, "same": 0}
PAD, BOS, EOS = 0, 1, 2
SRC = {w: i for i, w in enumerate(["<pad>"] + [f"key_{n}" for n in NOTES] + MOVES)}
TGT = {w: i for i, w in enumerate(["<pad>", "<bos>", "<eos>"] + NOTES)}


def compose():
    note = rng.randrange(7)
    source, sung = [SRC["key_" + NOTES[note]]], []
    for _ in range(rng.randint(5, 9)):
        move = rng.choice(MOVES)
        source.append(SRC[move])
        note = (note + DELTA[move]) % 7
        if rng.random() < 0.06:
            note = rng.randrange(7)
        sung.append(TGT[NOTES[note]])
    return tuple(source), tuple(sung + [EOS])


def stack(seqs):
    out = torch.full((len(seqs), max(map(len, seqs))), PAD)
    for i, s in enumerate(seqs):
        out[i, :len(s)] = torch.tensor(s)
    return out


class Transducer(nn.Module):
    def __init__(self, dim=48, positions=12):
        super().__init__()
        self.src = nn.Embedding(len(SRC), dim, padding_idx=PAD)
        self.tgt = nn.Embedding(len(TGT), dim, padding_idx=PAD)
        self.where_src = nn.Embedding(positions, dim)
        self.where_tgt = nn.Embedding(positions, dim)
        self.writer = nn.GRU(dim, dim, batch_first=True)
        self.query = nn.Linear(2 * dim, dim)
        self.mix = nn.Sequential(nn.Linear(4 * dim, 2 * dim), nn.ReLU(), nn.Linear(2 * dim, len(TGT)))

    def read(self, src):
        emb = self.src(src)
        keep = src != PAD
        place = self.where_src(torch.arange(src.size(1)))
        return emb, emb + place, keep

    def write(self, memory, inputs, state=None, start=0):
        values, keys, keep = memory
        emb = self.tgt(inputs)
        out, state = self.writer(emb, state)
        place = self.where_tgt(torch.arange(start, start + inputs.size(1))).expand(inputs.size(0), -1, -1)
        q = self.query(torch.cat([out, place], -1))
        scores = (q @ keys.transpose(1, 2)) / q.size(-1) ** 0.5
        attn = scores.masked_fill(~keep[:, None], float("-inf")).softmax(-1)
        return self.mix(torch.cat([out, emb, attn @ values, place], -1)), state

    def forward(self, src, tgt):
        shifted = torch.cat([torch.full_like(tgt[:, :1], BOS), tgt[:, :-1]], 1)
        return self.write(self.read(src), shifted)[0]

    def transcribe(self, src, limit):
        memory, state = self.read(src), None
        token, written = torch.full((src.size(0), 1), BOS), []
        for t in range(limit):
            logits, state = self.write(memory, token, state, start=t)
            token = logits.argmax(-1)
            written.append(token)
        return torch.cat(written, 1)


class Engine:
    def __init__(self, model, lr=6e-3, batch=64):
        self.model, self.batch = model, batch
        self.opt = torch.optim.Adam(model.parameters(), lr=lr)

    def epoch(self, rows):
        self.model.train()
        rng.shuffle(rows)
        total = 0.0
        for i in range(0, len(rows), self.batch):
            src, tgt = (stack(part) for part in zip(*rows[i:i + self.batch]))
            loss = F.cross_entropy(self.model(src, tgt).flatten(0, 1), tgt.flatten(), ignore_index=PAD)
            self.opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.opt.step()
            total += loss.item() * len(src)
        return total / len(rows)

    @torch.no_grad()
    def note_accuracy(self, rows):
        self.model.eval()
        src, tgt = (stack(part) for part in zip(*rows))
        # fault:
        guess = self.model(src, tgt).argmax(-1)
        # mended:
        #guess = self.model.transcribe(src, tgt.size(1))
        # end
        real = tgt != PAD
        return ((guess == tgt) & real).sum().item() / real.sum().item()


tunes = list({s: (s, t) for s, t in (compose() for _ in range(3400))}.values())
train, test = tunes[400:], tunes[:400]
engine = Engine(Transducer())
for ep in range(8):
    loss = engine.epoch(train)
    if ep % 2:
        print(f"epoch {ep + 1}: loss {loss:.4f}  test note accuracy {engine.note_accuracy(test):.4f}")
print(f"train note accuracy {engine.note_accuracy(train):.4f}")
print(f"transcription accuracy on {len(test)} unseen tunes: {engine.note_accuracy(test):.4f}")
