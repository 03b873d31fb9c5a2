"""The pages: they parse, ask and show. They decide nothing and calculate nothing.

One folder per domain package with the same name; what three or more pages share is here (`components`, the
templates under `web/`). Not for: rules, sums, writes (those have names in a package's `changes`).
"""
