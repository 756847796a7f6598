"""A small word language model of photo captions; suggests the next word for an annotator's keyboard."""
import gzip
import math
import os
import re
from collections import Counter
from dataclasses import dataclass

import torch
from torch import nn

torch.manual_seed(23)


@dataclass
class Settings:
    captions: int = 3500
    held: int = 400
    vocab: int = 300
    width: int = 48
    state: int = 64
    batch: int = 50
    epochs: int = 7
    peak: float = 8e-3
    longest: int = 14


def read(cfg):
    path = os.path.join(os.environ["WORDFIT_DATA"], "seq2seq", "multi30k", "train.en.gz")
    seen, keep = set(), []
    with gzip.open(path, "rt", encoding="utf-8") as f:
        for line in f:
            words = re.findall(r"[a-z]+|[.,]", line.lower())
            if 5 <= len(words) <= cfg.longest and tuple(words) not in seen:
                seen.add(tuple(words))
                keep.append(words)
            if len(keep) == cfg.captions:
                break
    return keep[cfg.held:], keep[:cfg.held]


class Keyboard:
    PAD, UNK, EDGE = 0, 1, 2

    def __init__(self, captions, size):
        counts = Counter(w for c in captions for w in c)
        self.words = ["<pad>", "<unk>", "<edge>"] + [w for w, _ in counts.most_common(size)]
        self.index = {w: i for i, w in enumerate(self.words)}

    def matrix(self, captions, longest):
        m = torch.zeros(len(captions), longest + 2, dtype=torch.long)
        for r, c in enumerate(captions):
            ids = [self.EDGE] + [self.index.get(w, self.UNK) for w in c] + [self.EDGE]
            m[r, :len(ids)] = torch.tensor(ids)
        return m


class CaptionLM(nn.Module):
    def __init__(self, n_words, cfg):
        super().__init__()
        self.words = nn.Embedding(n_words, cfg.width, padding_idx=0)
        self.gru = nn.GRU(cfg.width, cfg.state, batch_first=True)
        self.drop = nn.Dropout(0.15)
        self.out = nn.Linear(cfg.state, n_words)

    def forward(self, x):
        h, _ = self.gru(self.drop(self.words(x)))
        logits = self.out(self.drop(h))
        # fault:
        return torch.log_softmax(logits, dim=1)
        # mended:
        #return torch.log_softmax(logits, dim=2)
        # end


def judge(model, m, nll):
    """Loss per word, share of right first suggestions, share of words among three suggestions."""
    model.eval()
    with torch.no_grad():
        logp = model(m[:, :-1])
        gold = m[:, 1:]
        loss = nll(logp.flatten(0, 1), gold.flatten()).item()
        real = gold != Keyboard.PAD
        top = logp.topk(3, dim=-1).indices
        first = (top[..., 0] == gold)[real].float().mean().item()
        three = (top == gold.unsqueeze(-1)).any(-1)[real].float().mean().item()
    return loss, first, three


def main():
    cfg = Settings()
    train, held = read(cfg)
    board = Keyboard(train, cfg.vocab)
    m_train, m_held = board.matrix(train, cfg.longest), board.matrix(held, cfg.longest)
    model = CaptionLM(len(board.words), cfg)
    nll = nn.NLLLoss(ignore_index=Keyboard.PAD)
    opt = torch.optim.AdamW(model.parameters(), lr=cfg.peak, weight_decay=0.01)
    steps = math.ceil(len(m_train) / cfg.batch) * cfg.epochs
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=cfg.peak, total_steps=steps, pct_start=0.15)

    for epoch in range(cfg.epochs):
        model.train()
        total, n = 0.0, 0
        for idx in torch.randperm(len(m_train)).split(cfg.batch):
            x = m_train[idx]
            loss = nll(model(x[:, :-1]).flatten(0, 1), x[:, 1:].flatten())
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            plan.step()
            total, n = total + loss.item(), n + 1
        loss, first, three = judge(model, m_held, nll)
        print(f"epoch {epoch + 1}  train {total / n:.3f}  held out {loss:.3f}  first {first:.3f}  top three {three:.3f}")

    gold = m_held[:, 1:]
    common = gold[gold > 0].bincount().max().item() / (gold > 0).sum().item()
    print(f"share of the most common word {common:.3f}")


if __name__ == "__main__":
    main()
