"""Stage: findings → text for people and machines. Nothing is read, printed or coloured unless the caller says so."""
