"""Reproduction: which of two editors wrote a note?  Word vectors come from a PPMI/SVD run over the
unlabelled archive and are then fine-tuned together with the classifier."""
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

rng = np.random.RandomState(3)
torch.manual_seed(3)

N_TOPICS, PER_TOPIC, DIM = 8, 32, 8
V = N_TOPICS * PER_TOPIC
habit = rng.permutation(np.tile([-1.0, 1.0], V // 2))        # each word is preferred by one of the editors


def write_note(editor):
    topic = rng.randint(N_TOPICS)
    n = rng.randint(12, 25)
    words = np.arange(topic * PER_TOPIC, (topic + 1) * PER_TOPIC)
    p = np.exp((0.0 if editor is None else (2 * editor - 1) * 0.6) * habit[words])
    own = rng.choice(words, n, p=p / p.sum())
    stray = rng.randint(0, V, n)
    return np.where(rng.rand(n) < 0.1, stray, own)


def ppmi_svd(notes, dim):
    C = np.zeros((V, V))
    for note in notes:
        counts = np.bincount(note, minlength=V)
        C += np.outer(counts, counts)
    np.fill_diagonal(C, 0)
    total = C.sum()
    pmi = np.log((C * total + 1e-9) / (np.outer(C.sum(1), C.sum(0)) + 1e-9))
    u, s, _ = np.linalg.svd(np.maximum(pmi, 0))
    vec = u[:, :dim] * np.sqrt(s[:dim])
    return torch.tensor(vec / vec.std(), dtype=torch.float32)


archive = [write_note(None) for _ in range(1500)]
vectors = ppmi_svd(archive, DIM)

labels = rng.randint(0, 2, 3400)
notes = [torch.tensor(write_note(l)) for l in labels]
labels = torch.tensor(labels)
cut = 2800


class NoteClassifier(nn.Module):
    def __init__(self, pretrained):
        super().__init__()
        # fault:
        self.emb = nn.EmbeddingBag.from_pretrained(pretrained, mode="mean")
        # mended:
        # self.emb = nn.EmbeddingBag.from_pretrained(pretrained, mode="mean", freeze=False)
        # end
        self.out = nn.Linear(pretrained.size(1), 2)

    def forward(self, flat, offsets):
        return self.out(self.emb(flat, offsets))


def collate(ids):
    picked = [notes[i] for i in ids]
    lens = torch.tensor([0] + [len(p) for p in picked[:-1]])
    return torch.cat(picked), lens.cumsum(0), labels[ids]


net = NoteClassifier(vectors)
# vectors get their own, smaller step so that they are adapted gently
optimizer = torch.optim.Adam([
    {"params": net.emb.parameters(), "lr": 1e-2},
    {"params": net.out.parameters(), "lr": 3e-2},
])


def accuracy(lo, hi):
    net.eval()
    with torch.no_grad():
        flat, off, gold = collate(torch.arange(lo, hi))
        return (net(flat, off).argmax(1) == gold).float().mean().item()


for ep in range(8):
    net.train()
    tot = 0
    for ids in torch.randperm(cut).split(40):
        flat, off, gold = collate(ids)
        loss = F.cross_entropy(net(flat, off), gold)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        tot += loss.item() * len(ids)
    print(f"[{ep}] loss={tot / cut:.3f} train={accuracy(0, cut):.3f} heldout={accuracy(cut, 3400):.3f}")
