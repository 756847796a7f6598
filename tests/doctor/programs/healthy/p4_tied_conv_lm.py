"""Word language model on short Tatoeba sentences: gated causal convolutions, input and output vectors shared."""
import gzip
import math
import os
import re
from collections import Counter
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass
class LMConfig:
    vocab: int = 400
    dim: int = 48
    kernel: int = 3
    layers: int = 2
    dropout: float = 0.1
    lr: float = 1.2e-2
    epochs: int = 4
    batch: int = 128
    sentences: int = 8000
    max_len: int = 8
    seed: int = 2


def load_sentences(cfg):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq/tatoeba-fra-eng/fra.txt.gz")
    unique = {}
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            words = tuple(re.findall(r"[a-z']+|[.?!]", line.split("\t")[0].lower()))
            if 4 <= len(words) <= cfg.max_len:
                unique[words] = None
            if len(unique) >= cfg.sentences:
                break
    sentences = list(unique)
    order = torch.randperm(len(sentences)).tolist()
    return [sentences[i] for i in order]


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.gain, self.eps = nn.Parameter(torch.ones(dim)), eps

    def forward(self, x):
        return x * self.gain * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps)


class GatedCausalConv(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.left = cfg.kernel - 1
        self.norm = RMSNorm(cfg.dim)
        self.conv = nn.Conv1d(cfg.dim, 2 * cfg.dim, cfg.kernel)
        self.drop = nn.Dropout(cfg.dropout)

    def forward(self, x):
        h = F.pad(self.norm(x).transpose(1, 2), (self.left, 0))
        return x + self.drop(F.glu(self.conv(h), dim=1).transpose(1, 2))


class TiedLM(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.emb = nn.Embedding(cfg.vocab, cfg.dim)
        nn.init.normal_(self.emb.weight, std=cfg.dim ** -0.5)
        self.blocks = nn.Sequential(*[GatedCausalConv(cfg) for _ in range(cfg.layers)])
        self.norm = RMSNorm(cfg.dim)
        self.bias = nn.Parameter(torch.zeros(cfg.vocab))

    def forward(self, x):
        return F.linear(self.norm(self.blocks(self.emb(x))), self.emb.weight, self.bias)


class LMTrainer:
    IGNORE = -1

    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        sentences = load_sentences(cfg)
        cut = int(0.9 * len(sentences))
        counts = Counter(w for s in sentences[:cut] for w in s)
        itos = ["<s>", "<unk>"] + [w for w, _ in counts.most_common(cfg.vocab - 2)]
        self.stoi = {w: i for i, w in enumerate(itos)}
        self.train, self.valid = self.tensors(sentences[:cut]), self.tensors(sentences[cut:])
        self.model = TiedLM(cfg)
        matrices = [p for p in self.model.parameters() if p.dim() > 1]
        vectors = [p for p in self.model.parameters() if p.dim() <= 1]
        self.opt = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}], lr=cfg.lr)
        steps = cfg.epochs * math.ceil(cut / cfg.batch)
        self.sched = torch.optim.lr_scheduler.OneCycleLR(self.opt, cfg.lr, total_steps=steps, pct_start=0.2)

    def tensors(self, sentences):
        x = torch.zeros(len(sentences), self.cfg.max_len + 1, dtype=torch.long)
        y = torch.full_like(x, self.IGNORE)
        for i, s in enumerate(sentences):
            ids = [0] + [self.stoi.get(w, 1) for w in s]
            x[i, :len(ids)] = torch.tensor(ids)
            y[i, :len(ids)] = torch.tensor(ids[1:] + [0])
        return x, y

    def loss(self, x, y):
        return F.cross_entropy(self.model(x).flatten(0, 1), y.flatten(), ignore_index=self.IGNORE)

    def fit(self):
        x, y = self.train
        for epoch in range(1, self.cfg.epochs + 1):
            self.model.train()
            losses = []
            for idx in torch.randperm(len(x)).split(self.cfg.batch):
                loss = self.loss(x[idx], y[idx])
                self.opt.zero_grad()
                loss.backward()
                self.opt.step()
                self.sched.step()
                losses.append(loss.item())
            print(f"epoch {epoch}: train ppl {math.exp(sum(losses) / len(losses)):.1f}  valid ppl {math.exp(self.valid_loss()):.1f}")

    @torch.no_grad()
    def valid_loss(self):
        self.model.eval()
        return self.loss(*self.valid).item()

    def unigram_ppl(self):
        t, v = (d[1][d[1] != self.IGNORE] for d in (self.train, self.valid))
        p = (torch.bincount(t, minlength=self.cfg.vocab) + 1.0)
        return math.exp(-(p / p.sum()).log()[v].mean())


if __name__ == "__main__":
    trainer = LMTrainer(LMConfig())
    print(f"unigram baseline: ppl {trainer.unigram_ppl():.1f}")
    trainer.fit()
