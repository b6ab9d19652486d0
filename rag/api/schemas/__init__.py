"""What goes over the wire: one pydantic model per request and response, made from the house's values by `of`."""
