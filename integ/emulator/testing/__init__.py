"""What tests use to look at a local AWS from outside."""
