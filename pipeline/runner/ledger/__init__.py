"""Purchases decided by evidence from outside: ledger, report, a person's word, a file."""
