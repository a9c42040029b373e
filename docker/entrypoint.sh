#!/bin/sh
# The engine's secrets come from a file that only this container mounts, not from the compose file or the image.
set -eu
if [ -r /secrets/engine.env ]; then
  set -a
  . /secrets/engine.env
  set +a
fi
exec node /app/dist/cli/main.js "$@"
