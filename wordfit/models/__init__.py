"""Text, pair and seq2seq models: what reads the words, and a head."""

from wordfit.models.encoders import ENCODERS, Encoder, build_encoder
from wordfit.models.heads import HEADS, OUTPUTS, Head, build_head
from wordfit.models.networks import PairNetwork, TextNetwork, build_network
from wordfit.models.pairings import PAIRINGS, Pairing, build_pairing

__all__ = [
    "ENCODERS",
    "HEADS",
    "OUTPUTS",
    "PAIRINGS",
    "Encoder",
    "Head",
    "PairNetwork",
    "Pairing",
    "TextNetwork",
    "build_encoder",
    "build_head",
    "build_network",
    "build_pairing",
]
