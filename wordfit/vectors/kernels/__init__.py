"""The compiled loops of this room: text to rows and back, words to their places, many cosines at once."""
