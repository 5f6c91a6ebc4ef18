"""How records look to a person, at 80 columns as well."""
