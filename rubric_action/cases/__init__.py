"""Cases, their loading, and the selectors that pick them."""
