# docker build --tag classcord .            docs/CONTAINERS.md says how to start, watch, administer and back up.
#
# The base is named by its version and not by a digest: building again takes up Debian's security updates. Whoever wants
# the very same image again gives one: --build-arg PYTHON=python:3.12-slim@sha256:...

ARG PYTHON=python:3.12-slim

FROM ${PYTHON} AS build
WORKDIR /build
COPY requirements requirements
RUN python3 -m venv /opt/tools \
    && /opt/tools/bin/pip install --no-cache-dir -r requirements/build.txt \
    && python3 -m venv --without-pip /opt/classcord \
    && /opt/tools/bin/pip --python /opt/classcord/bin/python3 install --no-cache-dir -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY classcord classcord
COPY twisted twisted
# Twisted's tests are 20 MB. The list of twistd's plugins is written here, for nobody may write it where the server runs.
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && /opt/tools/bin/pip --python /opt/classcord/bin/python3 install --no-cache-dir --no-deps dist/*.whl \
    && find /opt/classcord/lib -path '*/twisted/*' -type d -name test -prune -exec rm -rf {} + \
    && /opt/classcord/bin/python3 -c 'import twisted.plugin, twisted.plugins as p; twisted.plugin.getCache(p)'

FROM ${PYTHON}
# Nothing to build or install Python packages with. The user's number is fixed: whoever mounts a folder can own it.
RUN find / -xdev -path '*/python3*' \( -name pip -o -name 'pip-*' -o -name ensurepip \) -prune -exec rm -rf {} + \
    && rm -f /usr/bin/pip* /usr/local/bin/pip* \
    && groupadd --gid 10001 classcord \
    && useradd --uid 10001 --gid classcord --no-create-home --home-dir /data --shell /usr/sbin/nologin classcord \
    && install -d -o classcord -g classcord -m 700 /data \
    && install -d /etc/classcord/admin_keys
COPY --from=build /opt/classcord /opt/classcord
COPY etc/docker/classcord.toml /etc/classcord/classcord.toml
COPY etc/docker/rotate-logs /usr/local/bin/rotate-logs
ENV PATH=/opt/classcord/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    CLASSCORD_CONFIG=/etc/classcord/classcord.toml \
    CLASSCORD_DATA=/data
WORKDIR /data
VOLUME /data
USER classcord
EXPOSE 8080 8443 12345 12346 12347 2222
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["python3", "-I", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:12347/healthz', timeout=4)"]
ENTRYPOINT ["twistd", "-n", "--pidfile=", "classcord", "--data", "/data", "--config", "/etc/classcord/classcord.toml"]
