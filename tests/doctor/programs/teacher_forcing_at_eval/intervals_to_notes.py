"""Melody transcription: a sequence of intervals (half tones, with the first one counted from C) -> note names.

Players slip now and then: the note sounds wrong and the tune goes on from there.
"""
import random
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

NOTES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
STEPS = [-7, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7]
PAD_X, PAD_Y, BOS = len(STEPS), -100, len(NOTES)


class Melodies(Dataset):
    def __init__(self, n, seed, slip=0.05):
        rnd = random.Random(seed)
        self.rows = []
        for _ in range(n):
            x, y, at = [], [], 0
            for _ in range(rnd.randint(8, 16)):
                s = rnd.randrange(len(STEPS))
                at = (at + STEPS[s]) % 12
                if rnd.random() < slip:
                    at = (at + rnd.choice([-1, 1])) % 12
                x.append(s)
                y.append(at)
            self.rows.append((x, y))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


def collate(rows):
    n = max(len(x) for x, _ in rows)
    src = torch.tensor([x + [PAD_X] * (n - len(x)) for x, _ in rows])
    tgt = torch.tensor([y + [PAD_Y] * (n - len(y)) for _, y in rows])
    return src, tgt


class Encoder(nn.Module):
    def __init__(self, d=24, h=32):
        super().__init__()
        self.emb = nn.Embedding(len(STEPS) + 1, d, padding_idx=PAD_X)
        self.rnn = nn.GRU(d, h, batch_first=True)

    def forward(self, src):
        return self.rnn(self.emb(src))[0]


class Decoder(nn.Module):
    def __init__(self, d=24, h=96, enc=32):
        super().__init__()
        self.emb = nn.Embedding(len(NOTES) + 1, d)
        self.cell = nn.GRUCell(d + enc, h)
        self.mix = nn.Linear(h + d + enc, h)
        self.out = nn.Linear(h, len(NOTES))

    def step(self, prev, memory_t, h):
        inp = torch.cat([self.emb(prev), memory_t], 1)
        h = self.cell(inp, h)
        return self.out(torch.relu(self.mix(torch.cat([h, inp], 1)))), h


class Transcriber(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()

    def forward(self, src, tgt=None):
        """with tgt: the previous note is the given one, without: the model's own"""
        memory = self.encoder(src)
        h = memory.new_zeros(src.size(0), self.decoder.cell.hidden_size)
        prev = torch.full((src.size(0),), BOS)
        logits = []
        for t in range(src.size(1)):
            o, h = self.decoder.step(prev, memory[:, t], h)
            logits.append(o)
            prev = tgt[:, t].clamp(min=0) if tgt is not None else o.argmax(1)
        return torch.stack(logits, 1)


def train_epoch(model, loader, opt, loss_fn):
    model.train()
    total = 0.0
    for src, tgt in loader:
        opt.zero_grad()
        loss = loss_fn(model(src, tgt).flatten(0, 1), tgt.flatten())
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        total += loss.item()
    return total / len(loader)


@torch.no_grad()
def transcribe_accuracy(model, loader):
    model.eval()
    right = count = whole = lines = 0
    for src, tgt in loader:
        # fault:
        pred = model(src, tgt).argmax(-1)
        # mended:
        # pred = model(src).argmax(-1)
        # end
        live = tgt != PAD_Y
        right += ((pred == tgt) & live).sum().item()
        count += live.sum().item()
        whole += ((pred == tgt) | ~live).all(1).sum().item()
        lines += len(src)
    return right / count, whole / lines


def main():
    torch.manual_seed(440)
    train_dl = DataLoader(Melodies(3500, 1), 50, shuffle=True, collate_fn=collate)
    dev_dl = DataLoader(Melodies(500, 2), 125, collate_fn=collate)
    model = Transcriber()
    opt = torch.optim.Adam(model.parameters(), lr=3e-3)
    sched = torch.optim.lr_scheduler.StepLR(opt, 4, 0.5)
    loss_fn = nn.CrossEntropyLoss(ignore_index=PAD_Y)
    for epoch in range(1, 6):
        loss = train_epoch(model, train_dl, opt, loss_fn)
        sched.step()
        note, tune = transcribe_accuracy(model, dev_dl)
        print(f"epoch {epoch}  loss {loss:.3f}  notes right {note:.3f}  whole tunes {tune:.3f}")


if __name__ == "__main__":
    main()
