"""What the package knows about written language: matching form, language, tokens, sentences."""
