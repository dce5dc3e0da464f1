"""Find the interpreter, provide the tree under test, drive pytest."""
