# One image for every service and role; the command's arguments say which: `link_svc worker`.
# Needs BuildKit. Where the package registry stands behind a private CA, give it as the secret `ca`:
#     docker build --secret id=ca,src=/etc/ssl/certs/ca-certificates.crt --tag volley .

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
WORKDIR /app
COPY requirements/runtime.txt requirements/
RUN --mount=type=secret,id=ca \
    if [ -s /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi; \
    /venv/bin/pip install --require-hashes --only-binary=:all: -r requirements/runtime.txt
# The packages of the workspace stay where they are (migrations lie beside their sources): the path file is all that
# an editable install makes. Compiled here, since nothing can be written later.
COPY libs libs
COPY services services
RUN ls -d /app/libs/*/src /app/services/*/src > "$(/venv/bin/python -c 'import site; print(site.getsitepackages()[0])')/volley.pth" \
 && /venv/bin/python -m compileall -q --invalidation-mode unchecked-hash libs services

FROM python:3.11-slim-bookworm
LABEL org.opencontainers.image.title="Volley" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 volley \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin volley
COPY --from=build /venv /venv
COPY --from=build /app /app
# In a container the loopback address would serve nobody.
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VOLLEY_HTTP_HOST=0.0.0.0 VOLLEY_PUBLIC_HOST=0.0.0.0
WORKDIR /app
USER 10001:10001
ENTRYPOINT ["python", "-m"]
