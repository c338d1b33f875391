"""What is read of chains."""
