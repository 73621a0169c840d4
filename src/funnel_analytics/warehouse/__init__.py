"""Large data where they lie: the reductions of the analyses as expressions that a warehouse executes."""
