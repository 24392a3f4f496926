"""What tests stand on: servers, and an honest list of what did not run."""
