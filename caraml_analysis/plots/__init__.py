"""Tables in, Axes out: every figure in one style, nothing saved here."""
