"""Who must know, when, in what words, over which transport."""
