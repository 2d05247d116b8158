# docker build -t braid . && docker run --rm -p 127.0.0.1:8888:8888 braid
# Binder builds from .binder/, which has the same packages and the same set-up.
FROM python:3.12-slim-bookworm

RUN useradd --create-home --uid 1000 reader
USER reader
ENV PATH="/home/reader/.local/bin:$PATH"
RUN mkdir /home/reader/braid
WORKDIR /home/reader/braid

COPY --chown=reader .binder/requirements.txt .binder/requirements.txt
RUN pip install --user --no-cache-dir --disable-pip-version-check -r .binder/requirements.txt

COPY --chown=reader . .
RUN sh .binder/postBuild

EXPOSE 8888
# A container's loopback cannot be reached from outside; -p 127.0.0.1:… keeps the port to this machine.
CMD ["jupyter", "lab", "--no-browser", "--ServerApp.ip=0.0.0.0", "--ServerApp.root_dir=notebooks"]
