"""What past forecasts would have said, and what that does to the present one."""
