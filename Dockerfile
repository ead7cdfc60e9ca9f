# The serving image: the REST service with the shipped checkpoint, without torch.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE frameline.py ./
COPY model ./model
COPY training ./training
COPY service ./service
RUN python -m venv /opt/frameline
RUN /opt/frameline/bin/python -m pip install --no-cache-dir --disable-pip-version-check '.[archive]'

FROM python:3.11-slim
COPY --from=build /opt/frameline /opt/frameline
RUN useradd --system --no-create-home frameline && install -d -o frameline -g frameline -m 700 /var/lib/frameline
ENV FRAMELINE_KEYS_FILE=/var/lib/frameline/keys.json \
    FRAMELINE_DATABASE=sqlite:////var/lib/frameline/annotations.db \
    FRAMELINE_JOBS_FOLDER=/var/lib/frameline/jobs
USER frameline
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["/opt/frameline/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health/ready')"]
ENTRYPOINT ["/opt/frameline/bin/frameline"]
CMD ["serve", "--host", "0.0.0.0"]
