"""Verifies a session token from standard input with the keys that its issuer publishes. Prints its subject."""

import os
import sys

import jwt

issuer = os.environ["CLERK_FAPI"]
token = sys.stdin.read().strip()
key = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json").get_signing_key_from_jwt(token)
claims = jwt.decode(token, key.key, algorithms=["RS256"], issuer=issuer, options={"require": ["exp", "sub", "sid"]})
print(claims["sub"])
