"""Pages of the resident survey: preparing a wave (file, codebook, weights, publishing, linking) and its outcomes.

Views ask and show; `parts` turns what the queries return into the values of the page components; nothing here counts.
"""
