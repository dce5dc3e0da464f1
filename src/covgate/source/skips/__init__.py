"""What silences a test: values of marks, skip sites, reasons, tests that are not collected."""
