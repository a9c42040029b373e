# The engine as an image, and the one-shot that makes credentials. Build: docker compose build
FROM node:20-bookworm AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY native ./native
COPY src ./src
RUN node scripts/build.js && npm prune --omit=dev

# Has openssl, which the slim image lacks. Nothing of the engine is in it.
FROM node:20-bookworm AS setup
COPY docker/first-run.mjs docker/mosquitto-password.mjs /setup/
ENTRYPOINT ["node", "/setup/first-run.mjs"]

FROM node:20-bookworm-slim AS engine
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json LICENSE ./
COPY datasets ./datasets
COPY docker/healthcheck.mjs ./docker/
COPY --chmod=755 docker/entrypoint.sh /usr/local/bin/vitalwire
RUN mkdir -p /var/lib/vitalwire && chown node:node /var/lib/vitalwire
USER node
VOLUME /var/lib/vitalwire
EXPOSE 8443
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "/app/docker/healthcheck.mjs"]
ENTRYPOINT ["vitalwire"]
CMD ["serve", "--config", "/etc/vitalwire/config.json"]
