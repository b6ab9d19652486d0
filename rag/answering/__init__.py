"""Evidence -> prompt -> text -> checked citations."""
