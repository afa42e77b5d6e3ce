"""Logins by an LDAP directory (OpenLDAP, Active Directory). `library` alone imports python-ldap."""
