"""Which family a peptide comes from, by residue composition. Plain tensors, no nn.Module."""
import random
from dataclasses import dataclass

import torch
import torch.nn.functional as F

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
FAMILIES = ["defensin", "cecropin", "histatin", "magainin", "bacteriocin", "conotoxin"]


@dataclass(frozen=True)
class Settings:
    width: int = 24
    hidden: int = 32
    shortest: int = 8
    longest: int = 220
    peptides: int = 1800
    held_out: int = 500
    epochs: int = 8
    batch: int = 50
    rate: float = 4e-3
    seed: int = 19


def profiles(rng):
    return [[rng.gammavariate(0.9, 1.0) + 0.05 for _ in RESIDUES] for _ in FAMILIES]


def draw_peptide(rng, family_profiles, cfg):
    family = rng.randrange(len(FAMILIES))
    length = min(cfg.longest, cfg.shortest + int(rng.expovariate(1 / 18)))
    return "".join(rng.choices(RESIDUES, family_profiles[family], k=length)), family


def encode(rows, cfg):
    ids = torch.zeros(len(rows), cfg.longest, dtype=torch.long)
    for i, (seq, _) in enumerate(rows):
        ids[i, :len(seq)] = torch.tensor([RESIDUES.index(r) + 1 for r in seq])
    return ids, torch.tensor([c for _, c in rows])


def init_params(cfg, gen):
    def normal(*shape, std):
        return (torch.randn(*shape, generator=gen) * std).requires_grad_()

    return {
        "residue": normal(len(RESIDUES) + 1, cfg.width, std=0.5),
        "hid.w": normal(cfg.width, cfg.hidden, std=cfg.width ** -0.5),
        "hid.b": torch.zeros(cfg.hidden, requires_grad=True),
        "out.w": normal(cfg.hidden, len(FAMILIES), std=cfg.hidden ** -0.5),
        "out.b": torch.zeros(len(FAMILIES), requires_grad=True),
    }


def forward(p, ids):
    x = p["residue"][ids]
    # fault:
    pooled = x.mean(dim=1)
    # mended:
    #real = (ids != 0).unsqueeze(-1).float()
    #pooled = (x * real).sum(dim=1) / real.sum(dim=1)
    # end
    return torch.tanh(pooled @ p["hid.w"] + p["hid.b"]) @ p["out.w"] + p["out.b"]


@torch.no_grad()
def evaluate(p, ids, y):
    logits = forward(p, ids)
    return F.cross_entropy(logits, y).item(), (logits.argmax(-1) == y).float().mean().item()


def main(cfg=Settings()):
    rng = random.Random(cfg.seed)
    compositions = profiles(rng)
    rows = {}
    while len(rows) < cfg.peptides + cfg.held_out:
        seq, label = draw_peptide(rng, compositions, cfg)
        rows[seq] = label
    rows = list(rows.items())
    ids, y = encode(rows[cfg.held_out:], cfg)
    held_ids, held_y = encode(rows[:cfg.held_out], cfg)
    print("most frequent family in held-out", round(torch.bincount(held_y).max().item() / len(held_y), 3))

    gen = torch.Generator().manual_seed(cfg.seed)
    params = init_params(cfg, gen)
    opt = torch.optim.Adam(params.values(), lr=cfg.rate, weight_decay=4e-3)
    for epoch in range(cfg.epochs):
        for idx in torch.randperm(len(ids), generator=gen).split(cfg.batch):
            loss = F.cross_entropy(forward(params, ids[idx]), y[idx])
            opt.zero_grad()
            loss.backward()
            opt.step()
        tl, ta = evaluate(params, ids, y)
        hl, ha = evaluate(params, held_ids, held_y)
        print(f"epoch {epoch + 1:2d} train {tl:.4f}/{ta:.3f} held-out {hl:.4f}/{ha:.3f}")


if __name__ == "__main__":
    main()
