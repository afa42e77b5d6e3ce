"""Class lists: what `classcord import-class` changes while the server runs."""
