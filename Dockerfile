# One image: the same install steps as `make run`, then uvicorn.
FROM python:3.13-slim AS build
WORKDIR /app
COPY constraints.txt requirements.txt requirements-webrtc.txt requirements-otel.txt requirements-dev.txt ./
COPY scripts scripts
COPY frontend frontend
RUN python scripts/install.py && rm -rf frontend/node_modules .local

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LOCAL_DIR=/data HOST=0.0.0.0 PORT=8000
RUN useradd --create-home --uid 10001 voiceassist && install -d -o voiceassist -m 700 /data
WORKDIR /app
COPY --from=build /app/.venv .venv
COPY --from=build /app/frontend/dist frontend/dist
COPY . .
USER voiceassist
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s \
  CMD [".venv/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
STOPSIGNAL SIGTERM
CMD ["sh", "-c", "exec .venv/bin/python manage.py serve --prepare --host \"$HOST\" --port \"$PORT\""]
