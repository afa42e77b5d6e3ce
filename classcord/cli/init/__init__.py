"""`classcord init`: creates the data folder, its database, the certificate and the first account."""
