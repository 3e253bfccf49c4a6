"""Gets tokens from a local Clerk instance and calls an API with them. Needs nothing but Python."""

import json
import os
from urllib.error import HTTPError
from urllib.request import Request, urlopen

CLERK = os.environ.get("CLERK_FAPI", "http://127.0.0.1:4010")
API = os.environ.get("API_URL", "http://127.0.0.1:3000")


def session_token(user, **options):
    body = json.dumps({"user": user, **options}).encode()
    request = Request(f"{CLERK}/_local/tokens/session", body, {"Content-Type": "application/json"})
    with urlopen(request) as response:
        return json.load(response)["token"]


def call(path, token=None):
    request = Request(API + path, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urlopen(request) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        return error.code, json.load(error)["code"]


print("bill reads invoices:", *call("/invoices", session_token("bill")))
print("peter reads invoices:", *call("/invoices", session_token("peter")))
print("peter, a minute late:", *call("/me", session_token("peter", ttlInSeconds=-60)))
print("anonymous:", *call("/me"))
