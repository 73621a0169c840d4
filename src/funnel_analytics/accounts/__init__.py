"""Accounts: assessment, segmentation, planning."""
