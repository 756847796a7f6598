"""Multi-label tags for e-mails: a few learned queries look at the words, one linear layer per tag."""
import itertools
import random
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

TAGS = {
    "invoice": "invoice payment due amount iban reminder overdue".split(),
    "meeting": "meeting agenda calendar slot reschedule minutes zoom".split(),
    "travel": "flight hotel booking train itinerary visa luggage".split(),
    "hiring": "candidate interview resume offer onboarding recruiter position".split(),
    "incident": "outage alert rollback latency pager incident postmortem".split(),
}
GLUE = "hi all please find the attached as discussed thanks for your quick reply let me know if you have any question we will send it tomorrow best regards cheers team from on with to and about this week".split()


@dataclass
class Config:
    dim: int = 48
    queries: int = 3
    epochs: int = 7
    lr: float = 3e-3
    batch: int = 64
    seed: int = 19


class Mails(Dataset):
    def __init__(self, n, rnd):
        self.rows = []
        for _ in range(n):
            tags = rnd.sample(list(TAGS), rnd.choices([0, 1, 2, 3], [1, 4, 3, 1])[0])
            words = rnd.choices(GLUE, k=rnd.randint(5, 28))
            for t in tags:
                words += rnd.choices(TAGS[t], k=rnd.randint(1, 2))
            rnd.shuffle(words)
            self.rows.append((words, [float(t in tags) for t in TAGS]))

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return self.rows[i]


class Tagger(nn.Module):
    def __init__(self, vocab_size, cfg):
        super().__init__()
        self.token = nn.Embedding(vocab_size, cfg.dim, padding_idx=0)
        self.kv = nn.Linear(cfg.dim, 2 * cfg.dim)
        self.queries = nn.Parameter(torch.randn(cfg.queries, cfg.dim) * 0.2)
        self.head = nn.Sequential(nn.Linear(cfg.queries * cfg.dim, 64), nn.ReLU(), nn.Linear(64, len(TAGS)))

    def forward(self, ids):
        k, v = self.kv(self.token(ids)).chunk(2, dim=-1)
        q = self.queries.expand(len(ids), -1, -1)
        # fault:
        mask = (ids == 0).unsqueeze(1)
        # mended:
        # mask = (ids != 0).unsqueeze(1)
        # end
        pooled = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.head(pooled.flatten(1))


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        rnd = random.Random(cfg.seed)
        self.train_set, self.valid_set = Mails(3000, rnd), Mails(600, rnd)
        vocab = sorted(set(itertools.chain.from_iterable(w for w, _ in self.train_set.rows)))
        self.index = {w: i for i, w in enumerate(vocab, 1)}
        self.model = Tagger(len(vocab) + 1, cfg)
        self.optim = torch.optim.AdamW(self.model.parameters(), lr=cfg.lr, weight_decay=1e-3)
        self.loss = nn.BCEWithLogitsLoss()

    def collate(self, rows):
        size = max(len(w) for w, _ in rows)
        ids = torch.zeros(len(rows), size, dtype=torch.long)
        for r, (words, _) in enumerate(rows):
            ids[r, :len(words)] = torch.tensor([self.index[w] for w in words])
        return ids, torch.tensor([t for _, t in rows])

    def fit(self):
        loader = DataLoader(self.train_set, self.cfg.batch, shuffle=True, collate_fn=self.collate)
        for epoch in range(self.cfg.epochs):
            self.model.train()
            total = 0
            for ids, tags in loader:
                loss = self.loss(self.model(ids), tags)
                self.optim.zero_grad(set_to_none=True)
                loss.backward()
                self.optim.step()
                total += loss.item()
            print(f"epoch {epoch}: train bce {total / len(loader):.4f}", self.validate())

    @torch.inference_mode()
    def validate(self):
        self.model.eval()
        tp = fp = fn = 0
        losses = []
        for ids, tags in DataLoader(self.valid_set, 128, collate_fn=self.collate):
            z = self.model(ids)
            losses.append(self.loss(z, tags).item())
            p, t = z > 0, tags > 0
            tp += (p & t).sum().item()
            fp += (p & ~t).sum().item()
            fn += (~p & t).sum().item()
        return f"valid bce {sum(losses) / len(losses):.4f} micro-F1 {2 * tp / max(1, 2 * tp + fp + fn):.3f}"


if __name__ == "__main__":
    Trainer(Config()).fit()
