"""Torch modules: the motion encoder and its losses. Needs the ``train`` extra."""
