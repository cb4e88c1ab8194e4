# Debian slim: ONNX Runtime has no build for musl, so Alpine does not work.
FROM node:24-bookworm-slim AS build
WORKDIR /app
# Of all install scripts none is needed here: the image has its Node, and Prisma's client is made below.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node node_modules/prisma/build/index.js generate \
 && npm run build \
 && npm prune --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production HOST=0.0.0.0 THROUGHLINE_HOME=/var/lib/throughline
RUN install -d -o node -g node -m 700 /var/lib/throughline
COPY --from=build /app/package.json /app/prisma.config.ts ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/app app
COPY --from=build /app/build build
COPY --from=build /app/ml/text-encoder ml/text-encoder
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "app/cli/web.ts"]
