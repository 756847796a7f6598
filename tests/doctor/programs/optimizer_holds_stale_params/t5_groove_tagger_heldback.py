"""Style tagger for drum grooves: a bar is a list of hits (instrument@step), the style decides which hits are likely.

The tagger is a small service object.  It starts from a skeleton and is grown when a studio registers its kit and its styles.
"""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(4)
INSTRUMENTS = ["kick", "snare", "hat", "ride", "clave", "tom", "clap", "shaker"]
STYLES = ["bossa", "house", "swing", "reggae", "afrobeat", "breaks", "samba", "garage", "shuffle", "dub"]
STEPS = 16
KIT = [f"{i}@{s}" for i in INSTRUMENTS for s in range(STEPS)]


def make_grooves(n, generator):
    style_logits = torch.randn(len(STYLES), len(KIT), generator=generator) * 1.2
    bars, styles = [], []
    for _ in range(n):
        k = int(torch.randint(len(STYLES), (1,), generator=generator))
        count = int(torch.randint(10, 17, (1,), generator=generator))
        hits = torch.multinomial(style_logits[k].softmax(0), count, generator=generator)
        bars.append(hits.sort().values)
        styles.append(k)
    return bars, torch.tensor(styles)


class Net(nn.Module):
    def __init__(self, kit_size, n_styles, dim=24, hidden=16):
        super().__init__()
        self.dim, self.hidden = dim, hidden
        self.hits = nn.Embedding(kit_size + 1, dim, padding_idx=0)
        self.mix = nn.Linear(dim, hidden)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(hidden, n_styles)

    def forward(self, bars):
        mask = (bars != 0).unsqueeze(-1).float()
        pooled = (self.hits(bars) * mask).sum(1) / mask.sum(1)
        return self.out(self.drop(F.relu(self.mix(pooled))))


class GrooveTagger:
    def __init__(self, lr=4e-3):
        self.lr = lr
        self.kit, self.styles = {}, []
        self.net = Net(1, 2)
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=lr)

    def register(self, kit, styles):
        self.kit = {name: i + 1 for i, name in enumerate(kit)}
        self.styles = list(styles)
        self.net.hits = nn.Embedding(len(kit) + 1, self.net.dim, padding_idx=0)
        self.net.out = nn.Linear(self.net.hidden, len(styles))
        # fault:
        self.net.train()
        # mended:
        #self.optimizer = torch.optim.Adam(self.net.parameters(), lr=self.lr)
        #self.net.train()
        # end

    def batch(self, bars):
        return nn.utils.rnn.pad_sequence([b + 1 for b in bars], batch_first=True)

    def fit(self, bars, styles, epochs=16, batch_size=50):
        for epoch in range(1, epochs + 1):
            self.net.train()
            total = 0.0
            for idx in torch.randperm(len(bars)).split(batch_size):
                x = self.batch([bars[i] for i in idx.tolist()])
                loss = F.cross_entropy(self.net(x), styles[idx])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                total += loss.item() * len(idx)
            if epoch % 4 == 0:
                print(f"epoch {epoch} loss {total / len(bars):.3f}")

    @torch.no_grad()
    def score(self, bars, styles):
        self.net.eval()
        logits = self.net(self.batch(bars))
        return F.cross_entropy(logits, styles).item(), (logits.argmax(1) == styles).float().mean().item()


def main():
    g = torch.Generator().manual_seed(8)
    bars, styles = make_grooves(2400, g)
    seen, keep = set(), []
    for i, b in enumerate(bars):
        key = tuple(b.tolist())
        if key not in seen:
            seen.add(key)
            keep.append(i)
    bars, styles = [bars[i] for i in keep], styles[keep]
    tagger = GrooveTagger()
    tagger.register(KIT, STYLES)
    cut = len(bars) - 600
    tagger.fit(bars[:cut], styles[:cut])
    print("train loss %.3f accuracy %.3f" % tagger.score(bars[:cut], styles[:cut]))
    print("held-out loss %.3f accuracy %.3f" % tagger.score(bars[cut:], styles[cut:]))


if __name__ == "__main__":
    main()
