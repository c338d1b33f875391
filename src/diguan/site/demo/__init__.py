"""The demo county: a generator that writes the bureaus' Excel files, and the ordinary imports that bring them in."""
