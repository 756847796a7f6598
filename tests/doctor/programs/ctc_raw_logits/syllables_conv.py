"""Frames of a toy speech signal to syllables, convolution and CTC."""
import argparse
import random

import torch
import torch.nn as nn


def build_parser():
    p = argparse.ArgumentParser()
    p.add_argument("--steps", type=int, default=120)
    p.add_argument("--batch-size", type=int, default=16)
    p.add_argument("--learning-rate", type=float, default=3e-3)
    return p


class Acoustic(nn.Module):
    def __init__(self, feats, symbols):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv1d(feats, 48, 5, padding=2),
            nn.ReLU(),
            nn.Conv1d(48, 48, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(48, symbols)

    def forward(self, frames):  # (B, T, F)
        h = self.net(frames.transpose(1, 2)).permute(2, 0, 1)
        # fault:
        return self.head(h)
        # mended:
        # return self.head(h).log_softmax(dim=2)
        # end


def main():
    args = build_parser().parse_args()
    random.seed(107)
    torch.manual_seed(107)
    syllables = ["<b>", "ma", "pa", "ti", "ko", "lu", "ne"]
    shape = torch.randn(7, 10)

    def utterances(n):
        frames, lengths, targets = [], [], []
        for _ in range(n):
            said = [random.randint(1, 6) for _ in range(random.randint(2, 5))]
            parts = [0.4 * torch.randn(2, 10)]
            for s in said:
                parts.append(shape[s] + 0.4 * torch.randn(random.randint(3, 5), 10))
                parts.append(0.4 * torch.randn(random.randint(1, 2), 10))
            frames.append(torch.cat(parts))
            lengths.append(len(frames[-1]))
            targets.append(torch.tensor(said))
        return nn.utils.rnn.pad_sequence(frames, batch_first=True), torch.tensor(lengths), targets

    model = Acoustic(10, len(syllables))
    criterion = nn.CTCLoss(zero_infinity=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    for step in range(1, args.steps + 1):
        frames, n, targets = utterances(args.batch_size)
        loss = criterion(model(frames), torch.cat(targets), n, torch.tensor([len(t) for t in targets]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 30 == 0:
            print(f"step {step:4d}  loss {loss.item():.4f}")
    model.eval()
    with torch.no_grad():
        frames, n, targets = utterances(150)
        best = model(frames).argmax(2)
    correct = 0
    for i, target in enumerate(targets):
        path = torch.unique_consecutive(best[: n[i], i])
        correct += path[path != 0].tolist() == target.tolist()
    print("utterances right", correct / 150)


if __name__ == "__main__":
    main()
