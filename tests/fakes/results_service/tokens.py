"""The runtime token: a JWT whose claim `scp` names the run and the job that it is for."""

import base64
import json

SIGNATURE = "bm90LXJlYWxseS1hLXNpZ25hdHVyZQ"


def runtime_token(run: str, job: str) -> str:
    """A token such as the runner hands to an action; other scopes stand beside the one we want."""
    scopes = f"Actions.GenericRead:{run} Actions.Results:{run}:{job} Actions.UploadArtifacts:{run}"
    return token_of({"iss": "https://token.example", "scp": f"{scopes}/1:Build/{job}"})


def token_of(claims: object) -> str:
    """A token with any claims."""
    return f"{_part({'typ': 'JWT', 'alg': 'RS256'})}.{_part(claims)}.{SIGNATURE}"


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
