"""What people see: the command line, and how a paper is written down."""
