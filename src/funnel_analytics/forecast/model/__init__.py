"""What one day's knowledge says of the open opportunities and of business not yet created."""
