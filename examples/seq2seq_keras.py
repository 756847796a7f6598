"""The article's three seq2seq programs in Keras 3 on PyTorch, as printed (as far as Keras 3 takes it), and mended.

    python examples/seq2seq_keras.py printed|clipped|tuned|mended    # needs: pip install 'wordfit[keras]'

Two things had to change to run at all: `weights=[...]` and `input_length` of `Embedding` are gone from Keras 3. The
mended program gives the encoder's state to the decoder, masks padding, and takes words as targets, not one-hot rows.
"""

import argparse
import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
from keras import layers
from seq2seq_torch import LONGEST, PAIRS, WORDS, padded, vectors

from wordfit.doctor.loss_examination import examine_loss_call
from wordfit.doctor.loss_floor import describe_loss_call

UNITS = 32


def embedding(table, trainable, mask=False):
    """What `Embedding(..., weights=[table])` was."""
    start = keras.initializers.Constant(table)
    return layers.Embedding(*table.shape, embeddings_initializer=start, trainable=trainable, mask_zero=mask)


def printed(table, trainable):
    """The article's model: `encoder` is connected to nothing."""
    encoder_inputs, decoder_inputs = keras.Input((LONGEST,)), keras.Input((LONGEST,))
    layers.LSTM(UNITS)(embedding(table, trainable)(encoder_inputs))
    states = layers.LSTM(UNITS, return_sequences=True)(embedding(table, trainable)(decoder_inputs))
    return keras.Model([encoder_inputs, decoder_inputs], layers.Dense(len(table), activation="softmax")(states))


def mended(table):
    """The same with the source read by the decoder, and padding masked."""
    encoder_inputs, decoder_inputs = keras.Input((LONGEST,)), keras.Input((LONGEST,))
    read = layers.LSTM(UNITS, return_state=True)(embedding(table, True, mask=True)(encoder_inputs))
    states = layers.LSTM(UNITS, return_sequences=True)(
        embedding(table, True, mask=True)(decoder_inputs), initial_state=read[1:]
    )
    return keras.Model([encoder_inputs, decoder_inputs], layers.Dense(len(table))(states))


def clipped_loss(y_true, y_pred):
    """The article's second program."""
    return keras.ops.clip(keras.losses.categorical_crossentropy(y_true, y_pred), 0, 10)


def trained(variant, table, epochs, seed=0):
    """The fitted model, and its loss after every epoch."""
    keras.utils.set_random_seed(seed)
    source, target = (padded([pair[i] for pair in PAIRS], ended=i == 1).numpy() for i in (0, 1))
    before = np.concatenate([np.full((len(target), 1), 2), target[:, :-1]], axis=1)
    if variant == "mended":
        model = mended(table)
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
        answers = target
    else:
        model = printed(table, trainable=variant == "tuned")
        loss = clipped_loss if variant == "clipped" else "categorical_crossentropy"
        answers = np.eye(len(WORDS), dtype="float32")[target]  # (B, T, V): for a real vocabulary it does not fit
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
    history = model.fit([source, before], answers, epochs=epochs, batch_size=16, verbose=0)
    return model, history.history["loss"], (source, before, target)


def says(variant, outputs, target):
    """What wordfit says of the loss: Keras's is the cross entropy of the logarithm of its probabilities."""
    scores = torch.from_numpy(outputs).flatten(0, 1)
    scores = scores if variant == "mended" else scores.clamp(1e-7, 1 - 1e-7).log()
    settings = {"ignore_index": 0} if variant == "mended" else {}
    call = describe_loss_call("cross_entropy", scores, torch.from_numpy(target).flatten(), **settings)
    return examine_loss_call(call).says


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", choices=["printed", "clipped", "tuned", "mended"])
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--vectors", help="a file of word vectors")
    options = parser.parse_args()
    model, losses, (source, before, target) = trained(options.variant, vectors(options.vectors).numpy(), options.epochs)
    outputs = model.predict([source, before], verbose=0)
    change = np.abs(outputs - model.predict([source[::-1].copy(), before], verbose=0)).max()
    right = (outputs.argmax(-1) == target)[target > 0].mean()
    print(f"{options.variant}: loss {losses[0]:.3f} to {losses[-1]:.3f}, lowest {min(losses):.3f}")
    print(f"another source moves the output by {change:.3g}; {right:.0%} of the forced words are right")
    print(f"wordfit: {says(options.variant, outputs, target)}")
    if change == 0:
        print("wordfit: the decoder never sees the source (encoder_ignored)")


if __name__ == "__main__":
    main()
