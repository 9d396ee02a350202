"""Microsoft's own library for Python with a pool of threads; nothing is stored.

msal_threads.py AUTHORITY CA TOKENS THREADS: redeems the refresh tokens of the file, one a line,
prints how many worked.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msal
import requests


def session(ca: str, threads: int) -> requests.Session:
    """HTTP connections that are kept, one for each thread: the default pool keeps ten."""
    result = requests.Session()
    result.verify = ca
    result.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=threads))
    return result


def main(authority: str, ca: str, tokens: str, threads: int) -> None:
    application = msal.ConfidentialClientApplication(
        "bench",
        client_credential="secret",
        authority=authority,
        validate_authority=False,
        http_client=session(ca, threads),
    )

    def redeem(token: str) -> bool:
        answer = application.acquire_token_by_refresh_token(token, scopes=["User.Read"])
        return "access_token" in answer

    with ThreadPoolExecutor(threads) as pool:
        print(sum(pool.map(redeem, Path(tokens).read_text().split())))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
