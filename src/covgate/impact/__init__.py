"""Which tests the change can affect, with a reason for each."""
