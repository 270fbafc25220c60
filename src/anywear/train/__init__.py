"""Training: corpora, augmentation, the loop, calibration and export. Needs the ``train`` extra (torch)."""
