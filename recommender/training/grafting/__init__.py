"""Other languages grafted onto an English transformer: new tokens, a frozen body."""
