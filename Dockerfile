# kopir: one static binary, no shell, no package manager, not root.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN mkdir -p /state && CGO_ENABLED=0 go build -trimpath -tags nomsgpack -ldflags="-s -w" -o /kopir ./cmd/kopir

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /kopir /kopir
# The journal; mount a volume here that user 65532 may write to.
COPY --from=build --chown=65532:65532 /state /var/lib/kopir
WORKDIR /var/lib/kopir
# The port of "listen" in the settings, which inside a container has to name an
# address other than 127.0.0.1, e.g. ":8080".
EXPOSE 8080
ENTRYPOINT ["/kopir"]
CMD ["serve", "--config", "/etc/kopir/kopir.yaml"]
