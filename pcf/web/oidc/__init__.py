"""Sign-in by OpenID Connect, beside the accounts of the workbench: settings, provider, routes."""
