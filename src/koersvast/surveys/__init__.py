"""The resident survey: waves, codebooks, weights; respondents come in, estimates go on.

Words: a *wave* is one survey of one period; its *codebook* has an *entry* for each question, which a person confirms;
a *cut* says which answers of a question are counted, and an entry with a cut is a *measure*; a *frame* is the way in
which respondents were found; a *computation* makes all estimates of a wave; the *catalogue* is the closed list of what
is published. Rows of respondents are in the sealed store and in the memory of a computation, nowhere else. *Not* for
reading files (connectors), estimating (engine) or figures from elsewhere (indicators).
"""
