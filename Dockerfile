# The web pages and the API, with the bundled sample until papers are imported:
#   docker build -t recommender .
#   docker run -p 8000:8000 -v papers:/papers recommender
#   docker run -v papers:/papers -v "$PWD/export:/export" recommender rebuild /export/papers.jsonl
# Without a GPU, PyTorch's CPU packages save two gigabytes: --build-arg PIP_EXTRA_INDEX_URL=...
FROM python:3.12-slim
ARG PIP_EXTRA_INDEX_URL=
ENV RECOMMENDER_HOME=/papers OMP_NUM_THREADS=1
WORKDIR /opt/recommender
COPY pyproject.toml README.md LICENSE ./
COPY scripts/constraints.txt scripts/
COPY recommender recommender
COPY models models
COPY data data
RUN pip install --no-cache-dir --constraint scripts/constraints.txt '.[map,parquet,web,zstd]' \
    && useradd --create-home reader && install -d -o reader /papers
USER reader
WORKDIR /papers
VOLUME /papers
EXPOSE 8000
ENTRYPOINT ["recommend"]
CMD ["serve", "--host", "0.0.0.0"]
