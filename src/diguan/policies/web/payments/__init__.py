"""Pages of payments: orders, results, the ledger, clawback; the list for the treasury and the sheet in which its answer comes back."""
