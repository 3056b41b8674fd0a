# The action's image. The first stage makes a virtual environment from the hashed lock; the second holds only that.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build

WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore

COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv --without-pip /opt/venv \
    && python -m pip --python /opt/venv/bin/python install --no-compile --require-hashes -r requirements/runtime.txt \
    && python -m pip install --require-hashes -r requirements/build.txt

COPY pyproject.toml LICENSE ./
COPY rubric_action rubric_action
COPY scripts/finish-venv.sh scripts/
COPY entrypoint.py /opt/rubric-action/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && python -m pip --python /opt/venv/bin/python install --no-compile --no-deps --no-index dist/*.whl \
    && scripts/finish-venv.sh /opt/venv /opt/rubric-action


FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

LABEL org.opencontainers.image.title="Rubric Action" \
      org.opencontainers.image.description="The shipping gate for AI agents" \
      org.opencontainers.image.licenses="MIT"

# The agent under test may run as this user. The action itself stays root: the runner mounts its files as it pleases,
# and only root can write every one of them.
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin agent \
    && ln -s /opt/venv/bin/rubric-action /usr/local/bin/rubric-action

COPY --from=build /opt/rubric-action /opt/rubric-action
COPY --from=build /opt/venv /opt/venv

# The base image ships the standard library without byte code. One import of what the action uses writes the missing
# part, which every run would otherwise compile again. It also stops a build in which one of these cannot be loaded.
RUN ["/opt/venv/bin/python", "-I", "-c", "import asyncio, aiohttp, click, genai_prices, github, jinja2, jsonschema, pydantic_settings, regex, requests, yaml"]

# -I: nothing is imported from the working directory, which is the checkout under test, nor from what PYTHONPATH names.
ENTRYPOINT ["/opt/venv/bin/python", "-I", "-u", "/opt/rubric-action/entrypoint.py"]
