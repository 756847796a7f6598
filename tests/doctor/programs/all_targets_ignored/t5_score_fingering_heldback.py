"""Piano fingering: predict the finger for each note of the right hand.

Teachers pencil in fingers on part of the scores only.  Notes without a pencil mark carry -1 and do not count.
"""
import random

import torch
import torch.nn as nn

SEED = 9
LOW, HIGH = 48, 84
UNMARKED = -1


def finger_for(previous, note, following):
    """Rule of thumb of the school: leaps and black keys decide."""
    black = note % 12 in (1, 3, 6, 8, 10)
    up, down = following - note, note - previous
    if black:
        return 1 if up < 0 else 2
    if up > 4:
        return 0
    if up < -4:
        return 4
    return 3 if down < 0 else 2 if up > 0 else 1


def write_pieces(n, rng):
    pieces = []
    for _ in range(n):
        note, notes = rng.randint(58, 72), []
        for _ in range(rng.randint(12, 28)):
            note = min(HIGH - 1, max(LOW, note + rng.choice([-7, -5, -3, -2, -1, 1, 2, 3, 5, 7])))
            notes.append(note)
        fingers = [finger_for(notes[max(i - 1, 0)], x, notes[min(i + 1, len(notes) - 1)]) for i, x in enumerate(notes)]
        pieces.append((notes, fingers))
    return pieces


def pencil(pieces, rng, share):
    """Keep the marks of a share of the pieces, and there not all of them."""
    out = []
    for notes, fingers in pieces:
        marked = rng.random() < share
        out.append((notes, [f if marked and rng.random() < 0.8 else UNMARKED for f in fingers]))
    return out


class FingerNet(nn.Module):
    """A window of three notes is what the hand feels."""

    def __init__(self, dim=24, hidden=64):
        super().__init__()
        self.notes = nn.Embedding(HIGH - LOW + 1, dim, padding_idx=0)
        self.window = nn.Conv1d(dim, hidden, 3, padding=1)
        self.out = nn.Sequential(nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 5))

    def forward(self, x):
        return self.out(self.window(self.notes(x).transpose(1, 2)).transpose(1, 2))


def make_batch(pieces):
    x = nn.utils.rnn.pad_sequence([torch.tensor(n) - LOW + 1 for n, _ in pieces], batch_first=True)
    y = nn.utils.rnn.pad_sequence([torch.tensor(f) for _, f in pieces], batch_first=True, padding_value=UNMARKED)
    return x, y


def marked_loss(logits, y):
    keep = (y != UNMARKED).float()
    per_note = nn.functional.cross_entropy(logits.transpose(1, 2), y.clamp(min=0), reduction="none")
    # fault:
    return (per_note * keep).sum() / keep.sum()
    # mended:
    #return (per_note * keep).sum() / keep.sum().clamp(min=1)
    # end


@torch.no_grad()
def evaluate(model, pieces):
    model.eval()
    x, y = make_batch(pieces)
    logits = model(x)
    keep = y != UNMARKED
    return marked_loss(logits, y).item(), (logits.argmax(-1) == y)[keep].float().mean().item()


def main():
    rng = random.Random(SEED)
    torch.manual_seed(SEED)
    pieces = write_pieces(1300, rng)
    test = pieces[:150]
    train = pencil(pieces[150:], rng, share=0.35)
    marks = sum(f != UNMARKED for _, fs in train for f in fs)
    print(f"{len(train)} pieces, {marks} pencil marks of {sum(len(n) for n, _ in train)} notes")

    model = FingerNet()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(1, 11):
        model.train()
        rng.shuffle(train)
        losses = []
        for i in range(0, len(train), 8):
            x, y = make_batch(train[i:i + 8])
            loss = marked_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
        if epoch % 2 == 0:
            print("epoch %d train loss %.3f" % (epoch, sum(losses) / len(losses)), "test loss %.3f accuracy %.3f" % evaluate(model, test))

    fingers = torch.tensor([f for _, fs in test for f in fs])
    print("most frequent finger: %.3f" % (fingers.bincount(minlength=5).max() / len(fingers)))


if __name__ == "__main__":
    main()
