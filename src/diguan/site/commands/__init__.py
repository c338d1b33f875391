"""The commands of ``diguan``: one module each, with ``add(subparsers)`` and ``run(args) -> int``."""
