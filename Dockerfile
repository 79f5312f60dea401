# The image of web, worker, beat and the two one-shot services: one file, one user without rights.
ARG BASE=docker.io/library/debian:bookworm-slim

FROM ${BASE} AS python
# A base that has Python already, such as the one of tests/containers, is left as it is.
RUN python3 -c 'import ensurepip, venv' 2>/dev/null || { \
        apt-get update \
        && apt-get install --yes --no-install-recommends python3 python3-venv ca-certificates \
        && rm -rf /var/lib/apt/lists/*; \
    }

FROM python AS build
# Where pip looks for packages, when not at its usual index: a build without a network passes
# "--no-index --find-links /wheels". The hashes of the lock are checked in every case.
ARG PIP_OPTIONS=""
RUN python3 -m venv /opt/pip && python3 -m venv --without-pip /opt/evoke
COPY requirements.lock /build/
RUN /opt/pip/bin/pip --python /opt/evoke/bin/python install --no-cache-dir --disable-pip-version-check \
        --no-compile --no-deps --require-hashes --only-binary :all: ${PIP_OPTIONS} --requirement /build/requirements.lock
COPY manage.py /srv/evoke/
COPY config /srv/evoke/config
COPY clinics /srv/evoke/clinics
COPY clients /srv/evoke/clients
COPY sessions /srv/evoke/sessions
COPY analytics /srv/evoke/analytics
COPY templates /srv/evoke/templates
WORKDIR /srv/evoke
RUN /opt/evoke/bin/python -m config.env_documents build -- \
        /opt/evoke/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && /opt/evoke/bin/python -m compileall -q /opt/evoke/lib /srv/evoke

FROM python
# What makes PDFs of printed pages needs Pango. A base that has it already is left as it is.
RUN ldconfig --print-cache | grep -q libpangoft2 || { \
        apt-get update \
        && apt-get install --yes --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
        && rm -rf /var/lib/apt/lists/*; \
    }
COPY --from=build /opt/evoke /opt/evoke
COPY --from=build /srv/evoke /srv/evoke
ENV PATH=/opt/evoke/bin:/usr/bin:/bin \
    DJANGO_SETTINGS_MODULE=config.settings \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /srv/evoke
USER 10001:10001
EXPOSE 8000
CMD ["python", "-m", "config.start", "web"]
