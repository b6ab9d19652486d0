"""What is wrong with a text about a picture; also with one that a person wrote."""
