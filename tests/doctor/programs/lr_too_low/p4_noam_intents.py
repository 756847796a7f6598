"""Small transformer encoder for spoken commands, trained with the warm-up schedule of Vaswani et al."""
import random

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

D_MODEL, HEADS, LAYERS, WARMUP, BATCH, EPOCHS = 32, 4, 1, 60, 64, 6

SLOTS = {
    "room": ["kitchen", "bedroom", "hall", "garage", "attic", "porch", "office", "cellar"],
    "thing": ["lamp", "fan", "heater", "radio", "blinds", "oven", "camera", "lock", "speaker", "tv"],
    "polite": ["please", "now", "quickly", "again", "today", "kindly", "tonight", ""],
    "level": ["ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty"],
}
INTENTS = {
    "switch_on": ["turn on the {thing} in the {room} {polite}", "{polite} get the {room} {thing} going", "power up {thing} {room} {polite}"],
    "switch_off": ["turn off the {thing} in the {room} {polite}", "{polite} kill the {thing} of the {room}", "shut down {thing} {room} {polite}"],
    "raise": ["turn the {thing} in the {room} up by {level} {polite}", "more from the {room} {thing} {polite} by {level}"],
    "lower": ["turn the {thing} in the {room} down by {level} {polite}", "less from the {room} {thing} {polite} by {level}"],
    "query": ["is the {thing} in the {room} on {polite}", "is the {room} {thing} off {polite}", "what is the level of the {room} {thing}"],
    "set": ["set the {room} {thing} to {level} {polite}", "{level} on the {thing} in the {room} {polite}"],
}


def generate(n, rng):
    seen, rows = set(), []
    labels = list(INTENTS)
    while len(rows) < n:
        k = rng.randrange(len(labels))
        pattern = rng.choice(INTENTS[labels[k]])
        text = " ".join(pattern.format(**{s: rng.choice(v) for s, v in SLOTS.items()}).split())
        if text not in seen:
            seen.add(text)
            rows.append((text, k))
    return rows


class CommandEncoder(nn.Module):
    def __init__(self, n_tokens, n_out, max_len):
        super().__init__()
        self.tok = nn.Embedding(n_tokens, D_MODEL, padding_idx=0)
        self.pos = nn.Parameter(torch.randn(max_len, D_MODEL) * 0.1)
        layer = nn.TransformerEncoderLayer(D_MODEL, HEADS, 64, dropout=0.1, batch_first=True)
        self.enc = nn.TransformerEncoder(layer, LAYERS, enable_nested_tensor=False)
        self.out = nn.Linear(D_MODEL, n_out)

    def forward(self, x):
        pad = x == 0
        h = self.enc(self.tok(x) + self.pos[: x.size(1)], src_key_padding_mask=pad)
        h = h.masked_fill(pad.unsqueeze(-1), 0.0).sum(1) / (~pad).sum(1, keepdim=True)
        return self.out(h)


class NoamTrainer:
    def __init__(self, model):
        self.model = model
        self.ce = nn.CrossEntropyLoss()
        # fault:
        self.opt = torch.optim.Adam(model.parameters(), lr=5e-4, betas=(0.9, 0.98), eps=1e-9)
        # mended:
        #self.opt = torch.optim.Adam(model.parameters(), lr=0.5, betas=(0.9, 0.98), eps=1e-9)
        # end
        self.sched = torch.optim.lr_scheduler.LambdaLR(self.opt, self.rate)

    @staticmethod
    def rate(step):
        step = step + 1
        return D_MODEL ** -0.5 * min(step ** -0.5, step * WARMUP ** -1.5)

    def train_epoch(self, loader):
        self.model.train()
        total = 0.0
        for x, y in loader:
            self.opt.zero_grad()
            loss = self.ce(self.model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.opt.step()
            self.sched.step()
            total += loss.item() * len(y)
        return total / len(loader.dataset)

    @torch.no_grad()
    def validate(self, loader):
        self.model.eval()
        loss, right = 0.0, 0
        for x, y in loader:
            z = self.model(x)
            loss += self.ce(z, y).item() * len(y)
            right += (z.argmax(1) == y).sum().item()
        return loss / len(loader.dataset), right / len(loader.dataset)


def tensors(rows, stoi, width):
    x = torch.zeros(len(rows), width, dtype=torch.long)
    for i, (text, _) in enumerate(rows):
        ids = [stoi.get(w, 1) for w in text.split()]
        x[i, : len(ids)] = torch.tensor(ids)
    return TensorDataset(x, torch.tensor([k for _, k in rows]))


if __name__ == "__main__":
    torch.manual_seed(99)
    rows = generate(2000, random.Random(99))
    train_rows, val_rows = rows[:1600], rows[1600:]
    stoi = {"<pad>": 0, "<unk>": 1}
    for text, _ in train_rows:
        for w in text.split():
            stoi.setdefault(w, len(stoi))
    width = max(len(t.split()) for t, _ in rows)
    train = DataLoader(tensors(train_rows, stoi, width), BATCH, shuffle=True)
    val = DataLoader(tensors(val_rows, stoi, width), 200)
    trainer = NoamTrainer(CommandEncoder(len(stoi), len(INTENTS), width))
    for epoch in range(1, EPOCHS + 1):
        tr = trainer.train_epoch(train)
        vl, va = trainer.validate(val)
        print(f"epoch {epoch}: train {tr:.4f}  val {vl:.4f}  val acc {va:.3f}")
