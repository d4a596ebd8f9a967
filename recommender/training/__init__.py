"""Where the embedded model comes from: sources → vocabulary → pairs → contrastive training → model folder.

Nothing else in the package imports this one. It needs the extra `train` (sentencepiece, regex).
"""
