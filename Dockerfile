# The suite as an image: `docker build -t realtime-conformance .`, then `docker run --rm realtime-conformance run`.
FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
RUN pip wheel --no-cache-dir --wheel-dir /wheels .

FROM python:3.13-slim
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels inworld-realtime-conformance \
    && useradd --create-home --uid 10001 conformance \
    && install --directory --owner conformance /reports
USER conformance
# Reports go here: mount a folder of yours that this user may write to.
WORKDIR /reports
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["realtime-conformance"]
CMD ["--help"]
