"""Pages of policies, matches and entitlements."""
