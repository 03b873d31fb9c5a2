"""Pages of figures: the safety picture, one indicator, and bringing figures in.

Views ask and show; `parts` turns what the queries return into the values of the page components; nothing here counts.
"""
