"""What is measured: indicators with versioned definitions, sources, deliveries, observations with vintage and margin.

Words: an *indicator* is what we follow, a *definition* its wording at one time, an *observation* one number with its
source, a *delivery* the file it came in, a *vintage* the number as it was known on a day. *Not* for targets.
"""
