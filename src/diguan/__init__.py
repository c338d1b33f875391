"""Diguan 滴灌: match scarce public resources to the enterprises that need them."""

__version__ = "0.1.0"
