"""The shared words: taxonomies of safety themes by edition, the safety chain, the four lenses, areas by year.

National reference data, the same for everyone; a municipality's own edition carries its CBS code. *Not* for figures.
"""
