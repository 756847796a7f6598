# langid-lite: which of four languages is a 32 character window from?  (example script of my small library, MIT)
import gzip
import os
from itertools import islice

import torch
import torch.nn as nn
import torch.nn.functional as F

WINDOW = 32
LANGS = ["cs", "de", "en", "fr"]
ROOT = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k")


def windows(lang, skip, count):
    with gzip.open(os.path.join(ROOT, f"val.{lang}.gz"), "rt", encoding="utf8") as fh:
        for line in islice(fh, skip, skip + count):
            s = " ".join(line.lower().split())
            if len(s) >= WINDOW + 4:
                start = (len(s) * 7919) % (len(s) - WINDOW)
                yield s[start:start + WINDOW]


def collect(skip, count):
    return [(w, i) for i, lang in enumerate(LANGS) for w in windows(lang, skip, count)]


class LangId(nn.Module):
    """char embedding -> conv(3) -> average -> linear"""

    def __init__(self, n_chars, hidden=32):
        super().__init__()
        self.lut = nn.Embedding(n_chars, 16)
        self.conv = nn.Conv1d(16, hidden, 3, padding=1)
        self.fc = nn.Linear(hidden, len(LANGS))

    def forward(self, x):
        h = self.conv(self.lut(x).transpose(1, 2)).relu()
        h = h.transpose(1, 2)
        # fault:
        h = h.mean(0)
        # mended:
        # h = h.mean(1)
        # end
        return self.fc(h)


def main():
    torch.manual_seed(99)
    train, heldout = collect(0, 450), collect(600, 160)
    chars = ["<unk>"] + sorted({c for w, _ in train for c in w})
    code = {c: i for i, c in enumerate(chars)}

    def tensorize(part):
        x = torch.tensor([[code.get(c, 0) for c in w] for w, _ in part])
        return torch.utils.data.TensorDataset(x, torch.tensor([y for _, y in part]))

    loader = torch.utils.data.DataLoader(tensorize(train), batch_size=32, shuffle=True, drop_last=True)
    check = torch.utils.data.DataLoader(tensorize(heldout), batch_size=32, shuffle=True, drop_last=True)
    net = LangId(len(chars))
    opt = torch.optim.RMSprop(net.parameters(), lr=3e-3)
    print(f"{len(train)} windows, {len(chars)} characters, {sum(p.numel() for p in net.parameters())} weights")
    for epoch in range(5):
        net.train()
        total = n = hit = 0
        for x, y in loader:
            out = net(x)
            loss = F.cross_entropy(out, y)
            opt.zero_grad(set_to_none=True)
            loss.backward()
            opt.step()
            total += loss.item()
            hit += (out.argmax(-1) == y).sum().item()
            n += len(y)
        net.eval()
        good = seen = 0
        with torch.inference_mode():
            for x, y in check:
                good += (net(x).argmax(-1) == y).sum().item()
                seen += len(y)
        print(f"[{epoch}] loss={total / len(loader):.3f} train={hit / n:.1%} heldout={good / seen:.1%}")


if __name__ == "__main__":
    main()
