"""A network to play with, in Loihi's integers, inside the report.

`integers` writes a trained network as JSON: sizes, tables, and its programs as
the rows of `description.operations`. ``kernel.js`` is a third interpreter of
these rows, equal to `kernels.fixed.compiled` to the bit; ``density.js`` has
log p(x, h); ``app.js`` and ``play.css`` are what a visitor sees; `section`
puts all of it into the page.
"""
