"""The commands of tokensim, each loaded when it is called."""
