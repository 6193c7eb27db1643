"""Making the weights that the judge ships with: `make train`. Nothing in here is part of the installed package."""
