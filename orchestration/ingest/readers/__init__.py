"""One module per file format; each turns a file into a stage that receive can write."""
