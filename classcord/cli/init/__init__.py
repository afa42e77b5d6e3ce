"""`classcord init`: the data folder, its database, the certificate and the first account are made."""
